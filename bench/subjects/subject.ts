import type { EventDialect } from '../load/bench-event.js';
import type { Dialect } from '../load/dialects.js';
import type { ChildServer, Launch } from './child-server.js';

/** What a row may ask of a start, on top of what the subject itself needs. */
export type StartOptions = Pick<Launch, 'execArgv' | 'probe'>;

/** Something the bench compares: a kind of server and the language it speaks. */
export interface Subject {
  readonly name: string;
  readonly dialect: Dialect;
  start(options?: StartOptions): Promise<ChildServer>;
}

/** A subject that hands events of one client to others. */
export interface EventSubject extends Subject {
  readonly events: EventDialect;
}
