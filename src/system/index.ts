/**
 * What the operating system gives a service: sockets for datagrams, the pidfile, the table of
 * processes, the service manager, the garbage of this process.
 * Knows nothing of the server; the composition root and the log use it.
 */
export {
  causeOfDeath,
  currentFolder,
  loaderArguments,
  signalGroup,
  signalQuietly,
} from './child-program.js';
export { collectGarbage } from './collect-garbage.js';
export { growHeapSlowly, SLOW_HEAP_GROWTH } from './heap-growth.js';
export { copyExtendedAttributes, type CopyOutcome } from './extended-attributes.js';
export { lockExclusively } from './file-lock.js';
export { fileId, FolderHandle } from './folder-handle.js';
export { HOST_PROCESS, type HostProcess } from './host-process.js';
export { PidFile } from './pid-file.js';
export { isGone, processIdentity, type ProcessIdentity } from './process-identity.js';
export { factsOf, hasChildren, runningPids, wasStartedWith } from './process-table.js';
export { readSecretFile } from './secret-file.js';
export { type Phase, ServerState } from './server-state.js';
export { ServiceManager } from './service-manager.js';
export { type SendOutcome, UnixDatagrams } from './unix-datagrams.js';
