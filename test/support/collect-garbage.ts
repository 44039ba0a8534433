import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Collects the garbage of this process at once: all of it, or of the young generation only. */
export const collectGarbage = runInNewContext('gc') as (options?: {
  readonly type: 'minor' | 'major';
}) => void;
