import { Errno, RpcException } from '../../common/index.js';
import type { AtomicSet, Selection } from '../model/index.js';
import { type Catalog, inOrder, membersOf } from '../plugins/index.js';

/**
 * Names of the files that are meant, each once, in the order in which they are to be put in place: that of
 * the groups' dependencies, then that of names, each behind those that it names in `after`.
 *
 * @throws RpcException ENOENT for a name and for a group that is not known
 */
export function selectNames(selection: Selection, catalog: Catalog): readonly string[] {
  const { names, groups } = selection;
  const wanted = new Set<string>();
  for (const group of groups ?? []) {
    if (!catalog.groups.has(group))
      throw new RpcException(Errno.ENOENT, `Group ${group} not found`);
    for (const name of membersOf(group, catalog.groups)) wanted.add(name);
  }
  for (const name of names ?? []) wanted.add(knownName(name, catalog));
  const all =
    names === undefined && groups === undefined ? [...catalog.targets.keys()].sort() : [...wanted];
  return inOrder(all, catalog.targets);
}

/** A file of a set stands for the set. @throws RpcException ENOENT */
function knownName(name: string, catalog: Catalog): string {
  if (catalog.targets.has(name)) return name;
  for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
    const folder = name.slice(0, at);
    if (catalog.targets.get(folder)?.kind === 'set') return folder;
  }
  if (catalog.errors.some((error) => error.name === name)) return name;
  throw new RpcException(Errno.ENOENT, 'No such file', { name });
}

/** The atomic groups that more than one of the files is in. */
export function atomicSets(names: readonly string[], catalog: Catalog): readonly AtomicSet[] {
  const present = new Set(names);
  const sets: AtomicSet[] = [];
  for (const { name, isAtomic } of catalog.groups.values()) {
    if (!isAtomic) continue;
    const members = membersOf(name, catalog.groups).filter((member) => present.has(member));
    if (members.length > 1) sets.push({ group: name, names: members });
  }
  return sets;
}

/** In the order of the groups, all files that belong to a checkpoint. */
export function namesOfCheckpoint(checkpoint: string, catalog: Catalog): readonly string[] {
  const meant = [...catalog.targets.values()].filter(
    ({ metadata }) => metadata.checkpoint === checkpoint,
  );
  const byGroups = [...catalog.groups.keys()].flatMap((group) => membersOf(group, catalog.groups));
  const rank = new Map(byGroups.map((name, at) => [name, at]));
  const order = (name: string): number => rank.get(name) ?? byGroups.length;
  return meant.map(({ name }) => name).sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
}
