/** How a client takes the events of one tick: a frame for each, (a feature) one for all, or JSON-RPC. */
export type EventForm = 'plain' | 'burst' | 'notification';

/**
 * What goes to many clients at once, in order and with nothing else between: who gets the same shares
 * one batch, so that its bytes are made once. What they are made of is the protocol's.
 */
export abstract class FrameBatch {
  /** How many frames it was made of. */
  abstract readonly count: number;

  /** About what it takes on the wire. */
  abstract get bytes(): number;

  /** Both, one behind the other; the same object for everybody who has this one and gets that one. */
  abstract with(next: FrameBatch): FrameBatch;

  abstract frames(form: EventForm): readonly Buffer[];
}
