import { setField } from '../set-field.js';
import { type FieldPath, readField } from './field-path.js';
import type { QueryPlan } from './params.js';

/** Applies `exclude`, then `select`, to one row; the row itself is left as it is. */
export function projector({
  exclude,
  select,
}: Pick<QueryPlan, 'exclude' | 'select'>): (row: unknown) => unknown {
  const strip = exclude.length === 0 ? identity : without(exclude);
  if (select === null) return strip;
  if (isOnePath(select)) return (row) => readField(strip(row), select);
  return (row) => {
    const rest = strip(row);
    return select.map((path) => readField(rest, path));
  };
}

function identity(row: unknown): unknown {
  return row;
}

function isOnePath(select: FieldPath | readonly FieldPath[]): select is FieldPath {
  return typeof select[0] === 'string';
}

/** Paths by their first segments, so that a row is gone through once, however many there are. */
interface Branch {
  /** A path ends here: what is there is left out. */
  isLeftOut: boolean;
  readonly below: Map<string, Branch>;
}

function without(paths: readonly FieldPath[]): (row: unknown) => unknown {
  const root = newBranch();
  for (const path of paths) {
    let branch = root;
    for (const segment of path) {
      const next = branch.below.get(segment) ?? newBranch();
      branch.below.set(segment, next);
      branch = next;
    }
    branch.isLeftOut = true;
  }
  return (row) => strip(row, root);
}

function newBranch(): Branch {
  return { isLeftOut: false, below: new Map() };
}

/** A copy without what is left out; the very same value where nothing of it is. */
function strip(value: unknown, { below }: Branch): unknown {
  if (below.size === 0 || typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return value;
  return Array.isArray(value)
    ? stripItems(value, below)
    : stripFields(value as Record<string, unknown>, below);
}

/** An element of an array becomes null, so that its neighbours keep their indexes. */
function stripItems(
  items: readonly unknown[],
  below: ReadonlyMap<string, Branch>,
): readonly unknown[] {
  let rest: unknown[] | null = null;
  for (const [segment, branch] of below) {
    const index = Number(segment);
    if (String(index) !== segment || !(index in items)) continue;
    rest ??= [...items];
    rest[index] = branch.isLeftOut ? null : strip(items[index], branch);
  }
  return rest ?? items;
}

function stripFields(
  fields: Record<string, unknown>,
  below: ReadonlyMap<string, Branch>,
): Record<string, unknown> {
  if (![...below.keys()].some((key) => Object.hasOwn(fields, key))) return fields;
  const rest: Record<string, unknown> = {};
  for (const key of Object.keys(fields)) {
    const branch = below.get(key);
    if (branch?.isLeftOut === true) continue;
    setField(rest, key, branch === undefined ? fields[key] : strip(fields[key], branch));
  }
  return rest;
}
