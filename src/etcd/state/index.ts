/**
 * What etcd knows of its files from one start to the next. Owns the journal in the folder for state,
 * and touches no managed file.
 */
export { Journal } from './journal.js';
export { ReportLog } from './report-log.js';
export { trimBackups, withRevision } from './revisions.js';
export {
  type Entry,
  type FileRecord,
  newRecord,
  type StoredGeneration,
  type StoredRevision,
  type StoredStep,
} from './records.js';
