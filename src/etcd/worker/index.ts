/**
 * The process that renders, and what is said to it. Only `messages` and the texts of data are for others:
 * nothing of it runs where files are written.
 */
export { toDataText } from './data-text.js';
export type {
  DataRequest,
  Description,
  FromWorker,
  Outcome,
  Rendered,
  RenderedContent,
  RenderJob,
  SourceDirectory,
  SourceRef,
  Sources,
  ToWorker,
} from './messages.js';
