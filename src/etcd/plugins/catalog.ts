import type { LoadError, TargetGroup } from '../model/index.js';
import type { LoadedTarget } from './loaded-target.js';
import { membersOf } from './groups.js';

/** All that plugin directories say, as it was read last. */
export interface Catalog {
  readonly targets: ReadonlyMap<string, LoadedTarget>;
  readonly groups: ReadonlyMap<string, TargetGroup>;
  readonly errors: readonly LoadError[];
  /** Folders that are no reason not to start. */
  readonly warnings: readonly string[];
  /** Whether every directory could be read to its end: then what is not here is nowhere. */
  readonly isComplete: boolean;
}

export const EMPTY_CATALOG: Catalog = {
  targets: new Map(),
  groups: new Map(),
  errors: [],
  warnings: [],
  isComplete: false,
};

/** Names of the groups that a file is in, those too that have it through another. */
export function groupsOf(
  name: string,
  groups: ReadonlyMap<string, TargetGroup>,
): readonly string[] {
  return [...groups.keys()].filter((group) => membersOf(group, groups).includes(name));
}
