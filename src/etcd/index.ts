/**
 * etcd: the files of the system, from templates and the data of the dispatcher. A client of the dispatcher, be
 * it in a process of its own (`process/main.ts`) or in the dispatcher's (here). Must not know anything
 * of the server's rooms. Called by the server when the configuration says `embedded`.
 */
export { EmbeddedEtcd } from './embedded-etcd.js';
