import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Errno } from '../../common/index.js';
import { ResourceGraph, type ResourceNode, topsOf } from './index.js';

const owner = 'storage';

describe('the resource graph', () => {
  let graph: ResourceGraph;

  beforeEach(() => {
    graph = new ResourceGraph();
    graph.register('da0', { owner });
    graph.register('da1', { owner });
    graph.register('tank', { owner, parents: ['da0', 'da1'] });
    graph.register('tank/media', { owner, parents: ['tank'] });
  });

  const names = (): string[] => graph.list().map(({ name }) => name);
  const parentsOf = (name: string): readonly string[] | undefined =>
    graph.list().find((entry) => entry.name === name)?.parents;

  it('has root and, below it, system from the start', () => {
    expect(new ResourceGraph().list()).toEqual([
      { name: 'root', owner: 'server', parents: [] },
      { name: 'system', owner: 'server', parents: ['root'] },
    ]);
  });

  it('puts what names no parent below root', () => {
    expect(parentsOf('da0')).toEqual(['root']);
  });

  it('refuses a name in use, and says whose it is', () => {
    expect(() => graph.register('tank', { owner: 'other' })).toThrow(
      expect.objectContaining({
        code: Errno.EEXIST,
        message: 'Resource tank is already registered by storage',
      }),
    );
  });

  it.each([
    ['parent', { parents: ['da0', 'da9'] }],
    ['child', { children: ['da9'] }],
  ])('refuses a %s that does not exist and registers nothing', (_, placement) => {
    expect(() => graph.register('new', { owner, ...placement })).toThrow(
      expect.objectContaining({ code: Errno.ENOENT, message: 'Resource da9 not found' }),
    );
    expect(names()).not.toContain('new');
  });

  it.each([
    ['a parent that is below', { parents: ['tank/media'] }, 'da0 -> tank -> tank/media -> da0'],
    ['itself as parent', { parents: ['da0'] }, 'da0 -> da0'],
    ['itself as child', { parents: [], children: ['da0'] }, 'da0 -> da0'],
    [
      'a child that is above',
      { parents: ['da1'], children: ['root'] },
      'da0 -> root -> da1 -> da0',
    ],
  ])('refuses %s, names the cycle and changes nothing', (_, placement, cycle) => {
    const before = graph.list();
    expect(() => graph.update('da0', placement)).toThrow(
      expect.objectContaining({
        code: Errno.EINVAL,
        message: `Resource da0 cannot be placed there: ${cycle}`,
      }),
    );
    expect(graph.list()).toEqual(before);
  });

  it('links the children that a registration names', () => {
    graph.register('controller', { owner, children: ['da0'] });
    expect(parentsOf('da0')).toEqual(['root', 'controller']);
  });

  it('keeps the children of an update that names none, and replaces those of one that does', () => {
    graph.update('da0', { parents: ['system'] });
    expect(parentsOf('tank')).toEqual(['da0', 'da1']);
    graph.update('da0', { parents: ['system'], children: [] });
    expect([parentsOf('da0'), parentsOf('tank')]).toEqual([['system'], ['da1']]);
  });

  it('hangs a child that an update leaves without a parent below root', () => {
    graph.update('tank', { parents: ['da0'], children: [] });
    expect(parentsOf('tank/media')).toEqual(['root']);
  });

  it('removes with a resource those below it that have no other parent left', () => {
    graph.remove('da0');
    expect(parentsOf('tank')).toEqual(['da1']);
    graph.remove('da1');
    expect(names()).toEqual(['root', 'system']);
  });

  it('keeps edges through a rename, and frees the old name', () => {
    graph.rename('tank', 'pond');
    expect(parentsOf('tank/media')).toEqual(['pond']);
    graph.register('tank', { owner });
    expect(() => graph.rename('pond', 'tank')).toThrow(
      expect.objectContaining({ code: Errno.EEXIST }),
    );
  });

  it.each(['root', 'system'])('leaves %s alone', (name) => {
    const refusal = expect.objectContaining({
      code: Errno.EPERM,
      message: `Resource ${name} belongs to the server`,
    }) as unknown as Error;
    expect(() => graph.remove(name)).toThrow(refusal);
    expect(() => graph.rename(name, 'other')).toThrow(refusal);
    expect(() => graph.update(name, { parents: ['da0'] })).toThrow(refusal);
  });

  it.each([
    ['update', () => graph.update('gone', { parents: [] })],
    ['rename', () => graph.rename('gone', 'other')],
    ['remove', () => graph.remove('gone')],
  ])('cannot %s what it does not know', (_, action) => {
    expect(action).toThrow(expect.objectContaining({ code: Errno.ENOENT }));
  });

  it('drops what an owner registered, and what hung on that alone', () => {
    graph.register('tank/apps', { owner: 'apps', parents: ['tank'] });
    graph.register('volume', { owner: 'apps' });
    graph.releaseOwner('storage');
    expect(names()).toEqual(['root', 'system', 'volume']);
  });

  it('takes chains and fans of ten thousand', () => {
    for (let at = 0; at < 10_000; at += 1) {
      const above = at === 0 ? 'da0' : `chain${at - 1}`;
      graph.register(`chain${at}`, { owner, parents: [above] });
    }
    graph.register('join', {
      owner,
      parents: Array.from({ length: 200 }, (_, at) => `chain${at}`),
    });
    graph.remove('da0');
    expect(names()).not.toContain('chain9999');
  });
});

/** Which nodes lie on every path from the root, found by taking each away in turn. */
function dominatorsOf(node: ResourceNode, all: readonly ResourceNode[]): Set<ResourceNode> {
  const isAbove = (from: ResourceNode, without: ResourceNode): boolean =>
    from !== without &&
    (from.name === 'root' || [...from.parents].some((parent) => isAbove(parent, without)));
  return new Set(all.filter((candidate) => candidate === node || !isAbove(node, candidate)));
}

describe('the dominator tree of the graph', () => {
  const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const change = fc.record({
    kind: fc.constantFrom('register', 'register', 'update', 'remove'),
    name: fc.constantFrom(...NAMES),
    parents: fc.array(fc.constantFrom('root', 'system', ...NAMES), { maxLength: 3 }),
    children: fc.array(fc.constantFrom(...NAMES), { maxLength: 2 }),
  });

  it('is what taking nodes away shows, however the graph came about', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 3, maxLength: 25 }), (changes) => {
        const graph = new ResourceGraph();
        for (const { kind, name, parents, children } of changes) {
          try {
            if (kind === 'register') graph.register(name, { owner, parents, children });
            else if (kind === 'update') graph.update(name, { parents, children });
            else graph.remove(name);
          } catch {
            // refused changes are part of the walk: they must leave the tree right too
          }
        }
        const all = [...graph.nodes()];
        for (const node of all) {
          const chain = new Set([node]);
          for (const at of chain) chain.add(at.dominator);
          expect(chain).toEqual(dominatorsOf(node, all));
          const below = new Set([node]);
          for (const at of below) for (const child of at.children) below.add(child);
          const tops = [...below].filter((at) => at === node || !below.has(at.dominator));
          expect(new Set(topsOf(node))).toEqual(new Set(tops));
        }
      }),
      { numRuns: 500 },
    );
  });
});
