import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigStore, Errno } from 'dispatcher';
import {
  expectConflict,
  expectNoConflict,
  FakeDispatcher,
  memoryConfigStore,
  memoryDatastore,
  memorySettings,
  runTask,
  verifyTask,
} from 'dispatcher/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CreateShareTask } from './create-share.task.js';
import { FullShareSource } from './full-share.source.js';
import NasPlugin from './index.js';
import { MeasureAllTask } from './measure-all.task.js';
import { MeasureShareTask } from './measure-share.task.js';
import { NasSettings } from './nas.settings.js';
import { RemoveShareTask } from './remove-share.task.js';
import { ShareFolders } from './share.folders.js';
import { ShareProvider } from './share.provider.js';
import { BEFORE_CREATE, NewShare, SHARES } from './share.schema.js';

let root: string;
let datastore = memoryDatastore();
let dispatcher = new FakeDispatcher();
let configstore: ConfigStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nas-'));
  datastore = memoryDatastore();
  configstore = await memoryConfigStore({ 'nas.root': root });
  dispatcher = new FakeDispatcher();
  await new NasPlugin(dispatcher, datastore).init();
});
afterEach(() => rm(root, { recursive: true }));

/** What the server would hand to a task. */
const bench = () => ({
  datastore,
  dispatcher,
  configstore,
  settings: [NasSettings],
  schemas: [NewShare],
  providers: [ShareFolders],
});
const make = (name: string) => runTask(CreateShareTask, [{ name }], bench());

describe('making a share', () => {
  it('makes a row, a folder and something to lock, and tells', async () => {
    expect(await make('photos')).toMatchObject({ state: 'FINISHED', result: 'photos' });
    expect(await readdir(root)).toEqual(['photos']);
    const provider = Object.assign(new ShareProvider(), { datastore });
    expect(await provider.get('photos')).toMatchObject({ read_only: false, used_bytes: null });
    expect(dispatcher.resources.map(({ name }) => name)).toEqual(['nas', 'share:photos']);
    expect(dispatcher.events).toMatchObject([
      { name: 'nas.share.changed', args: { operation: 'create', ids: ['photos'] } },
    ]);
  });

  it('is refused when there is one of that name, or the name is none', async () => {
    await make('photos');
    const second = await make('photos');
    expect(second).toMatchObject({ hasRun: false, error: { code: Errno.EEXIST } });
    await expect(make('../etc')).rejects.toThrow();
  });

  it('is undone when it fails, and when a plugin says no nothing was done', async () => {
    await writeFile(join(root, 'photos'), 'in the way');
    expect(await make('photos')).toMatchObject({ state: 'FAILED', wasRolledBack: true });
    dispatcher.attachHook(BEFORE_CREATE, () => Promise.resolve(false));
    expect(await make('music')).toMatchObject({ error: { code: Errno.EPERM } });
    expect(await datastore.count(SHARES)).toBe(0);
  });
});

describe('removing a share', () => {
  it('takes row, folder and resource away', async () => {
    await make('photos');
    expect(await runTask(RemoveShareTask, ['photos'], bench())).toMatchObject({
      state: 'FINISHED',
    });
    expect(await readdir(root)).toEqual([]);
    expect(await datastore.count(SHARES)).toBe(0);
    expect(dispatcher.resources.map(({ name }) => name)).toEqual(['nas']);
  });

  it('leaves a share alone that has files in it', async () => {
    await make('photos');
    await writeFile(join(root, 'photos/a.jpg'), 'x');
    const report = await runTask(RemoveShareTask, ['photos'], bench());
    expect(report).toMatchObject({ state: 'FAILED', error: { code: Errno.EBUSY } });
    expect(await datastore.count(SHARES)).toBe(1);
  });
});

describe('measuring', () => {
  it('adds up all shares, each in a subtask', async () => {
    await make('photos');
    await make('music');
    await writeFile(join(root, 'photos/a.jpg'), 'x'.repeat(1_000));
    const report = await runTask(MeasureAllTask, [], {
      ...bench(),
      subtasks: { 'nas.share.measure': MeasureShareTask },
    });
    expect(report).toMatchObject({ state: 'FINISHED', result: { shares: 2, used_bytes: 1_000 } });
    expect(await datastore.getById(SHARES, 'photos')).toMatchObject({ used_bytes: 1_000 });
  });

  it('goes on beside another of its kind, and not while the share is removed', async () => {
    await make('photos');
    const graph = dispatcher.resourceGraph;
    const measure = await verifyTask(MeasureShareTask, ['photos'], bench());
    expectNoConflict(measure, measure, graph);
    expectConflict(measure, await verifyTask(RemoveShareTask, ['photos'], bench()), graph);
    expectConflict(measure, await verifyTask(CreateShareTask, [{ name: 'music' }], bench()), graph);
  });
});

describe('the event source', () => {
  it('tells of each share that is full, once', async () => {
    await make('photos');
    await datastore.update(SHARES, 'photos', { used_bytes: 2_000 });
    const settings = await memorySettings(NasSettings, { limit_bytes: 1_000 });
    const heard = new FakeDispatcher();
    const source = Object.assign(new FullShareSource(settings), { dispatcher: heard, datastore });
    const ending = new AbortController();
    const running = source.run(ending.signal);
    source.enable('nas.share.full');
    await expect
      .poll(() => heard.events.map(({ args }) => args))
      .toEqual([{ name: 'photos', used_bytes: 2_000, limit_bytes: 1_000 }]);
    ending.abort();
    await running;
  });
});
