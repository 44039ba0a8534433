/**
 * etcd: the files of the system, generated, checked, put in place and kept. An application of its own beside
 * the dispatcher, which it reaches only as a client. The program is `process/main.ts`.
 */
export { ETCD_HOST, type EtcdHost } from './etcd-host.js';
export { EtcdLifecycle } from './etcd-lifecycle.js';
