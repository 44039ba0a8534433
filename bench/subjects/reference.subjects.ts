import { nestEvents, rpcEvents } from '../load/bench-event.js';
import { nestDialect, rpcDialect } from '../load/dialects.js';
import { PATHS } from '../paths.js';
import { ChildServer } from './child-server.js';
import type { EventSubject, Subject } from './subject.js';

/** Raw `ws`, the same frames: what the transport and JSON cost when nothing is checked. */
export const wsJson: Subject = {
  name: 'ws-json',
  dialect: rpcDialect,
  start: (options = {}) => ChildServer.start({ entry: PATHS.server('ws-json'), ...options }),
};

/** A stock Nest gateway with a validation pipe: what the framework offers out of the box. */
export const nestWs: Subject = {
  name: 'nest-ws',
  dialect: nestDialect,
  start: (options = {}) => ChildServer.start({ entry: PATHS.server('nest-ws'), ...options }),
};

/** The same with a guard. */
export const nestWsGuarded: Subject = {
  name: 'nest-ws-guarded',
  dialect: nestDialect,
  start: (options = {}) =>
    ChildServer.start({ entry: PATHS.server('nest-ws-guarded'), ...options }),
};

/** A Nest application with nothing in it, the floor of every cold start. It speaks no dialect worth loading. */
export const nestEmpty: Subject = {
  name: 'nest-empty',
  dialect: nestDialect,
  start: (options = {}) => ChildServer.start({ entry: PATHS.server('nest-empty'), ...options }),
};

/** Raw `ws` that hands events on: parsed once, stringified once, sent to each subscriber. */
export const wsEvents: EventSubject = {
  name: 'ws-events',
  dialect: rpcDialect,
  events: rpcEvents,
  start: (options = {}) => ChildServer.start({ entry: PATHS.server('ws-events'), ...options }),
};

/** A stock Nest gateway that does the same, as its documentation shows it. */
export const nestEventServer: EventSubject = {
  name: 'nest-events',
  dialect: nestDialect,
  events: nestEvents,
  start: (options = {}) => ChildServer.start({ entry: PATHS.server('nest-events'), ...options }),
};
