import type { SERVER_EVENT_TYPES, TASK_EVENT_TYPES } from '../../wire/index.js';
import type { Received } from '../received.js';

type EventTypes = typeof SERVER_EVENT_TYPES & typeof TASK_EVENT_TYPES;

/** As the server's schemas of them say. */
type ServerEvents = {
  readonly [Name in keyof EventTypes]: Received<EventTypes[Name]['schema']>;
};

/**
 * The args of the server's own events by name. A program adds those of its plugins by merging into
 * this interface, and has them typed wherever it names the event.
 *
 * @example
 * declare module 'dispatcher/client' {
 *   interface DispatcherEventMap {
 *     'network.link.changed': { readonly name: string; readonly up: boolean };
 *   }
 * }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- an interface, so that programs can merge into it
export interface DispatcherEventMap extends ServerEvents {}

/** An event as a handler gets it. The server adds a `timestamp` to the args of every event. */
export interface DispatcherEvent<Name extends string = string, Args = Record<string, unknown>> {
  readonly name: Name;
  readonly args: Args;
  /** Its place in the order of all events; opaque. Null from a server that has none. */
  readonly cursor: string | null;
  /** Of what it came, the same text in the server's log; null when nobody knows. */
  readonly cause: string | null;
}

/** What a mask brings: the typed event for a name that the map knows, any event otherwise. */
export type EventFor<Mask extends string> = Mask extends keyof DispatcherEventMap
  ? DispatcherEvent<Mask, DispatcherEventMap[Mask]>
  : DispatcherEvent;
