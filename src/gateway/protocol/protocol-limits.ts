/** Injection token of {@link ProtocolLimits}. */
export const PROTOCOL_LIMITS = Symbol('limits of the protocol');

/** How much one connection may ask for at a time. */
export interface ProtocolLimits {
  /** Calls that run at once. */
  readonly callsInFlight: number;
  /** Fragments of a stream that go unasked for. */
  readonly streamingBurst: number;
  /** Most bytes of one answer's text, of the answers to one message of JSON-RPC. */
  readonly answerBytes: number;
  /** Most bytes of the items of one fragment. */
  readonly fragmentBytes: number;
  /** Most values in one message. */
  readonly frameValues: number;
  /** Masks of one connection: every event is looked up in the masks of all. */
  readonly masks: number;
  /** Characters of a mask. */
  readonly nameCharacters: number;
}
