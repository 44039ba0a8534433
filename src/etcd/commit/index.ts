/**
 * One file on its way to its place: looked at, compared, written beside its target, judged, put there,
 * brought back. Works below folders that are held open and follows no link; knows nothing of sets of
 * files, of actions or of what is kept over restarts but the old contents.
 */
export { BackupStore, syncFolder } from './backup-store.js';
export { type CommandExit, runBounded } from './bounded-command.js';
export { CommitFailure, fileErrorOf, isCode, systemFailure } from './commit-failure.js';
export { compare, type Comparison } from './compare.js';
export { type Disk, findAt } from './disk.js';
export { OwnerNames } from './owner-names.js';
export { findPlace, type MadeFolder, makePlace, removeMade, withPlace } from './place.js';
export {
  discard,
  putAttributes,
  putBack,
  putInPlace,
  putNothing,
  putStaged,
  stage,
  type Staged,
  syncFolderOf,
} from './put.js';
export { lookAt, readSeen } from './present.js';
export { isSameSide, type Side } from './side.js';
export { isTempName } from './temp-file.js';
export { runValidators, withPrivateCopy } from './validators.js';
