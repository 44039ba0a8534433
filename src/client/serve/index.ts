/**
 * Offers services through a client (`dispatcher/client/serve`): a process of its own, in Node or wherever
 * the client runs, whose methods everybody calls as those of a plugin. Apart from `dispatcher/client`, so
 * that a page which only calls does not carry it.
 */
export { serve, type ServedService, type ServeOptions } from './serve.js';
export type { CallSender, ServedCall } from './served-call.js';
export type {
  Service,
  ServiceFunction,
  ServiceMethod,
  ServiceSchema,
} from './service-description.js';
