import { Errno } from '../../common/index.js';
import type { LoadError, Target, TargetGroup } from '../model/index.js';

export interface GroupTable {
  readonly groups: ReadonlyMap<string, TargetGroup>;
  readonly errors: readonly LoadError[];
}

/** A group with where it was declared, for what is wrong with it. */
export interface DeclaredGroup extends TargetGroup {
  readonly source: string;
}

/**
 * The groups that can be generated: a later declaration stands above an earlier one of the same name, files
 * add themselves, and what is in a circle is left out with an error that names it.
 */
export function tableOfGroups(
  declared: readonly DeclaredGroup[],
  targets: Iterable<Target>,
): GroupTable {
  const table = new Map<string, DeclaredGroup>(declared.map((group) => [group.name, group]));
  for (const { name, source, metadata } of targets) {
    for (const group of metadata.groups)
      addMember(table, { group, member: `file:${name}`, source });
  }
  const errors: LoadError[] = [];
  const circular = new Set<string>();
  for (const { name, source } of table.values()) {
    const circle = circular.has(name) ? null : circleFrom(name, table);
    if (circle === null) continue;
    circle.forEach((one) => circular.add(one));
    const message = `groups form a circle: ${circle.join(' → ')}`;
    errors.push({ name, source, code: Errno.EINVAL, message });
  }
  for (const name of circular) table.delete(name);
  return { groups: table, errors };
}

function addMember(
  table: Map<string, DeclaredGroup>,
  {
    group,
    member,
    source,
  }: { readonly group: string; readonly member: string; readonly source: string },
): void {
  const known = table.get(group) ?? {
    name: group,
    description: null,
    dependencies: [],
    isAtomic: true,
    source,
  };
  if (known.dependencies.includes(member)) return;
  table.set(group, { ...known, dependencies: [...known.dependencies, member] });
}

type Edges = ReadonlyMap<string, TargetGroup>;

/** The names on the way from a group back to itself, itself at both ends; null when there is none. */
function circleFrom(start: string, table: Edges): string[] | null {
  const seen = new Set<string>();
  const walk = (name: string, way: readonly string[]): string[] | null => {
    for (const next of groupsIn(table.get(name))) {
      if (next === start) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...way, next]);
      if (found !== null) return found;
    }
    return null;
  };
  return walk(start, [start]);
}

function groupsIn(group: TargetGroup | undefined): string[] {
  return (group?.dependencies ?? []).flatMap((dependency) =>
    dependency.startsWith('group:') ? [dependency.slice('group:'.length)] : [],
  );
}

/**
 * Names of all files of a group, each once, in the order of the dependencies; of groups that are not there
 * and names that nothing makes, too, so that they are not missed silently.
 */
export function membersOf(name: string, groups: Edges): readonly string[] {
  const members = new Set<string>();
  const seen = new Set<string>();
  const visit = (group: string): void => {
    if (seen.has(group)) return;
    seen.add(group);
    for (const dependency of groups.get(group)?.dependencies ?? []) {
      const [kind = '', ...rest] = dependency.split(':');
      if (kind === 'group') visit(rest.join(':'));
      else members.add(rest.join(':'));
    }
  };
  visit(name);
  return [...members];
}

/** What groups depend on that is not there. */
export function danglingDependencies(
  groups: ReadonlyMap<string, TargetGroup>,
  isTarget: (name: string) => boolean,
): readonly LoadError[] {
  const errors: LoadError[] = [];
  for (const group of groups.values()) {
    for (const dependency of group.dependencies) {
      const [kind = '', ...rest] = dependency.split(':');
      const name = rest.join(':');
      const isThere = kind === 'group' ? groups.has(name) : isTarget(name);
      if (isThere) continue;
      const source = (group as Partial<DeclaredGroup>).source ?? 'etcd.groups';
      const message = `group ${group.name} depends on ${dependency}, which is not there`;
      errors.push({ name: group.name, source, code: Errno.ENOENT, message });
    }
  }
  return errors;
}
