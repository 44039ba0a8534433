import {
  conflictsBetween,
  expectConflict,
  expectNoConflict,
  FakeDispatcher,
} from 'dispatcher/testing';
import { describe, expect, it } from 'vitest';

const GRAPH = {
  'disk:a': [],
  'disk:b': [],
  'pool:tank': ['disk:a', 'disk:b'],
  'dataset:tank': ['pool:tank'],
};

describe('claim assertions', () => {
  it('know that a claim covers what is below it', () => {
    expectConflict(['disk:a'], ['dataset:tank'], GRAPH);
    expectNoConflict(['dataset:tank'], ['system'], GRAPH);
    const shared = [{ resource: 'dataset:tank', mode: 'shared' }] as const;
    expectNoConflict(shared, shared, GRAPH);
    expectConflict(shared, ['disk:b'], GRAPH);
  });

  it('fail with a sentence that says where the claims meet', () => {
    expect(() => expectNoConflict(['dataset:tank'], ['disk:a'], GRAPH)).toThrow(
      'Tasks that claim [dataset:tank] and [disk:a] exclude each other: disk:a: disk:a - pool:tank - dataset:tank',
    );
    expect(() => expectConflict(['disk:a'], ['disk:b'], { 'disk:a': [], 'disk:b': [] })).toThrow(
      'Tasks that claim [disk:a] and [disk:b] run side by side',
    );
  });

  it('take a graph that a plugin has filled, and leave it as it is', async () => {
    const dispatcher = new FakeDispatcher();
    await dispatcher.registerResource('disk:a');
    expect(conflictsBetween(['disk:a'], ['root'], dispatcher.resourceGraph)).toHaveLength(1);
    expect(conflictsBetween(['disk:a'], ['root'], dispatcher.resourceGraph)).toHaveLength(1);
  });

  it('tell of a claim on what does not exist', () => {
    expect(() => conflictsBetween(['disk:x'], [], GRAPH)).toThrow('missing resources: disk:x');
  });
});
