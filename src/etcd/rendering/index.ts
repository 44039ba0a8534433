/**
 * Makes the content of files, in a process without rights, of data that it is given. Writes nothing; asks the
 * dispatcher by {@link DataSourcePort} alone.
 */
export { DataSourcePort } from './data-port.js';
export { FileRendering, type RenderedTarget } from './file-rendering.js';
export { RenderWorker } from './render-worker.js';
export { Snapshot } from './snapshot.js';
export type { RenderUser } from './worker-process.js';
