import { stringifyExtended } from '../../../common/index.js';
import type { Audience, UnplacedEvent } from '../../event-fanout.js';

/** About what the head of an event takes, besides its name. */
const HEAD_SIZE = 128;

/** What a receiver has to know of an event before somebody wants its args. */
export interface EventHead {
  readonly name: string;
  readonly cause?: string;
  readonly audience?: Audience;
}

/** An event with its args as text: as it travels. */
export interface WrittenEvent {
  readonly head: EventHead;
  /** Extended JSON, in one line. */
  readonly args: string;
  /** About how many bytes it adds to a group. */
  readonly size: number;
}

/** Events of one node that travel together. */
export interface EventGroup {
  /** The start of the publisher's server. */
  readonly boot: string;
  /** Which event of that start the first one of the group is; counted from 1. */
  readonly first: number;
  readonly events: readonly Pick<WrittenEvent, 'head' | 'args'>[];
  /** What is behind this group belongs to another epoch. */
  readonly epoch?: string;
  /** The epoch in which the publisher has seen events that the stream no longer has. */
  readonly suspected?: string;
}

type Preamble = Omit<EventGroup, 'events'> & { readonly heads: readonly EventHead[] };

/** @throws RangeError or TypeError when the args have no JSON form */
export function writeEvent(
  { name, args, audience }: UnplacedEvent,
  cause: string | null,
): WrittenEvent {
  const text = stringifyExtended(args);
  const head = { name, ...(cause !== null && { cause }), ...(audience != null && { audience }) };
  const size = Buffer.byteLength(text) + 3 * name.length + HEAD_SIZE;
  return { head, args: text, size };
}

/**
 * The text of a group: a line of JSON that says what is in it, then a line for the args of each event. Args
 * are taken apart only where somebody wants them; clients' frames are made of their text.
 */
export function writeGroup({ events, ...rest }: EventGroup): string {
  const preamble: Preamble = { ...rest, heads: events.map(({ head }) => head) };
  return [JSON.stringify(preamble), ...events.map(({ args }) => args)].join('\n');
}

/** @throws Error when the text is no group */
export function readGroup(text: string): EventGroup {
  const [line = '', ...args] = text.split('\n');
  const { heads, ...rest } = JSON.parse(line) as Preamble;
  if (heads.length !== args.length) throw new Error('A group of events is incomplete');
  return { ...rest, events: heads.map((head, i) => ({ head, args: args[i] ?? '{}' })) };
}
