import { FakeDispatcher, RecordingLogger } from 'dispatcher/testing';
import { describe, expect, it, vi } from 'vitest';
import { PathUses } from './path-uses.js';
import { ResourceKeeper } from './resource-keeper.js';

function keeper() {
  const dispatcher = new FakeDispatcher();
  const logger = new RecordingLogger();
  return { dispatcher, logger, keeper: new ResourceKeeper(dispatcher, logger) };
}

const plan = (entries: Readonly<Record<string, readonly string[]>>) =>
  new Map(Object.entries(entries));
const BEFORE = { 'disk:a': [], 'disk:b': [], 'fs:x': ['disk:a'], 'path:x/1': ['fs:x'] };

describe('the keeper of resources', () => {
  it('registers, moves and removes by the difference, and touches nothing that stays', async () => {
    const { dispatcher, keeper: own } = keeper();
    await own.apply(plan(BEFORE));
    const register = vi.spyOn(dispatcher, 'registerResource');
    const update = vi.spyOn(dispatcher, 'updateResource');
    await own.apply(plan(BEFORE));
    expect(register.mock.calls).toEqual([]);
    await own.apply(
      plan({ 'disk:b': [], 'fs:x': ['disk:b'], 'fs:y': ['disk:b'], 'path:x/1': ['fs:x'] }),
    );
    expect(register.mock.calls).toEqual([['fs:y', { parents: ['disk:b'] }]]);
    expect(update.mock.calls).toEqual([['fs:x', { parents: ['disk:b'] }]]);
    expect(dispatcher.resources.map(({ name, parents }) => [name, parents])).toEqual([
      ['disk:b', ['root']],
      ['fs:x', ['disk:b']],
      ['path:x/1', ['fs:x']],
      ['fs:y', ['disk:b']],
    ]);
  });

  it('removes a whole branch, what is carried first', async () => {
    const { dispatcher, keeper: own, logger } = keeper();
    await own.apply(plan(BEFORE));
    await own.apply(plan({ 'disk:b': [] }));
    expect(dispatcher.resources.map(({ name }) => name)).toEqual(['disk:b']);
    expect(logger.lines).toEqual([]);
  });

  it('tells once of what is refused, and tries again', async () => {
    const { dispatcher, keeper: own, logger } = keeper();
    await dispatcher.registerResource('disk:a');
    await own.apply(plan(BEFORE));
    await own.apply(plan(BEFORE));
    expect(logger.lines).toHaveLength(1);
    await dispatcher.unregisterResource('disk:a');
    await own.apply(plan(BEFORE));
    expect(dispatcher.resources).toHaveLength(4);
  });
});

describe('the uses of paths', () => {
  it('last until the last task has ended', () => {
    const uses = new PathUses();
    uses.add(1, '/a');
    uses.add(2, '/a');
    uses.add(2, '/b');
    expect(uses.release(2)).toBe(true);
    expect([...uses.paths()]).toEqual(['/a']);
    expect(uses.release(2)).toBe(false);
    uses.release(1);
    expect([...uses.paths()]).toEqual([]);
  });
});
