import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planLoading, withDependents } from './dependency-order.js';

const node = (name: string, ...depends: string[]) => ({ name, depends });

describe('planLoading', () => {
  it('puts dependencies first and otherwise goes by name', () => {
    const { order } = planLoading([node('a', 'z'), node('c'), node('z', 'c'), node('b')]);
    expect(order).toEqual(['b', 'c', 'z', 'a']);
  });

  it('names the whole cycle for each of its members', () => {
    const { order, cycles } = planLoading([node('a', 'b'), node('b', 'c'), node('c', 'a')]);
    expect(order).toEqual([]);
    expect([...cycles]).toEqual([
      ['a', 'a -> b -> c -> a'],
      ['b', 'a -> b -> c -> a'],
      ['c', 'a -> b -> c -> a'],
    ]);
  });

  it('finds a plugin that depends on itself', () => {
    expect(planLoading([node('a', 'a')]).cycles.get('a')).toBe('a -> a');
  });

  it('keeps those that merely wait for a cycle in the order', () => {
    const { order, cycles } = planLoading([
      node('a', 'a'),
      node('b', 'c'),
      node('c', 'a'),
      node('d'),
    ]);
    expect([...cycles.keys()]).toEqual(['a']);
    expect(order).toEqual(['c', 'b', 'd']);
  });

  it('leaves dependencies that are not among the nodes to others', () => {
    expect(planLoading([node('a', 'elsewhere')]).order).toEqual(['a']);
  });

  it('plans every plugin exactly once, each after its dependencies, for any graph', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const graphs = fc.dictionary(names, fc.uniqueArray(names, { maxLength: 3 }));
    fc.assert(
      fc.property(graphs, (graph) => {
        const nodes = Object.entries(graph).map(([name, depends]) => ({ name, depends }));
        const { order, cycles } = planLoading(nodes);
        expect([...order, ...cycles.keys()].sort()).toEqual(Object.keys(graph).sort());
        for (const { name, depends } of nodes) {
          const position = order.indexOf(name);
          if (position === -1) continue;
          for (const dependency of depends) {
            expect(order.indexOf(dependency)).toBeLessThan(position);
          }
        }
      }),
    );
  });
});

describe('withDependents', () => {
  it('adds those that depend on the names, also through others', () => {
    const nodes = [node('a'), node('b', 'a'), node('c', 'b'), node('d')];
    expect([...withDependents(['a'], nodes)].sort()).toEqual(['a', 'b', 'c']);
  });
});
