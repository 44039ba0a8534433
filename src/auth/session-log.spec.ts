import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LocalSessionIds } from '../cluster/local/index.js';
import { sqliteDriver } from '../datastore/drivers/sqlite/index.js';
import { DocumentStore } from '../datastore/index.js';
import { Errno } from '../common/index.js';
import { DatastoreException } from '../sdk/datastore.js';
import type { Logger } from '../sdk/index.js';
import type { SessionRow } from '../wire/index.js';
import { SessionLog, SESSIONS } from './session-log.js';

const now = new Date('2026-01-02T03:04:05Z');
const start = { username: 'ann', address: '192.0.2.1,4000', resource: 'test' };

let folder: string;
let store: DocumentStore;
let log: SessionLog;
const error = vi.fn();
const logger = { error, warn: vi.fn() } as unknown as Logger;

const open = async () => {
  const ids = new LocalSessionIds();
  return (log = await SessionLog.open({ store, logger, now: () => now, ids, nodes: null }));
};
const rows = () => store.query<SessionRow>(SESSIONS);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dispatcher-sessions-'));
  const driver = await sqliteDriver()(join(folder, 'store.db'), { onStateChange: () => undefined });
  store = new DocumentStore(driver);
  await open();
});
afterEach(async () => {
  vi.restoreAllMocks();
  error.mockClear();
  await log.close();
  await store.close();
  await rm(folder, { recursive: true });
});

describe('the session log', () => {
  it('writes a session when it began and when it ended', async () => {
    const id = log.begin(start);
    await log.flush();
    const open = { id, ...start, started_at: now, ended_at: null, active: true };
    expect(await rows()).toEqual([open]);
    expect(log.get(id)).toEqual(open);
    log.end(id);
    await log.flush();
    expect(await rows()).toEqual([{ ...open, ended_at: now, active: false }]);
    expect(log.get(id)).toBeUndefined();
  });

  it('writes many sessions in one go, and one that has ended already only once', async () => {
    const write = vi.spyOn(store, 'write');
    for (let n = 0; n < 100; n += 1) log.end(log.begin(start));
    await log.flush();
    expect(write).toHaveBeenCalledOnce();
    expect(write.mock.calls[0]?.[0]).toHaveLength(100);
  });

  it('goes on after the highest number, and closes what a crash left open', async () => {
    const ids = [log.begin(start), log.begin(start)];
    await log.flush();
    await open();
    expect(await rows()).toMatchObject(ids.map((id) => ({ id, active: false, ended_at: now })));
    expect(log.begin(start)).toBe(Math.max(...ids) + 1);
  });

  it('never gives a number twice, though the history was removed', async () => {
    const id = log.begin(start);
    log.end(id);
    await log.flush();
    await store.deleteMany(SESSIONS, null);
    await open();
    expect(log.begin(start)).toBe(id + 1);
  });

  it('keeps what cannot be written until it can be, and says so once', async () => {
    const write = vi.spyOn(store, 'write').mockRejectedValue(new Error('no disk'));
    const id = log.begin(start);
    await log.flush();
    log.end(id);
    await log.flush();
    expect(error).toHaveBeenCalledOnce();
    write.mockRestore();
    await log.flush();
    expect(await rows()).toMatchObject([{ id, active: false }]);
  });

  it('gives up what can never be stored, alone, and goes on with all others', async () => {
    const before = log.begin(start);
    const bad = log.begin({ ...start, resource: '\ud800' });
    const after = log.begin(start);
    await log.flush();
    expect((await rows()).map(({ id }) => id)).toEqual([before, after]);
    expect(error.mock.calls.flat()).toEqual([expect.stringContaining(`Session ${bad} is not`)]);
    const later = log.begin(start);
    await log.flush();
    expect(await store.getById(SESSIONS, later)).toMatchObject({ active: true });
  });

  it('keeps the others when the store goes away over one that cannot be stored', async () => {
    const ids = [log.begin(start), log.begin(start), log.begin(start)];
    const write = vi.spyOn(store, 'write');
    write.mockRejectedValueOnce(new DatastoreException(Errno.EOVERFLOW, 'the row is too big'));
    write.mockRejectedValue(new DatastoreException(Errno.EIO, 'no disk'));
    await log.flush();
    write.mockRestore();
    await log.flush();
    expect((await rows()).map(({ id }) => id)).toEqual(ids);
  });

  it('keeps a bounded history and whoever is still there', async () => {
    const first = log.begin(start);
    for (let n = 0; n < 10_500; n += 1) log.end(log.begin(start));
    await log.flush();
    for (let n = 0; n < 1_000; n += 1) log.end(log.begin(start));
    await log.flush();
    await vi.waitFor(
      async () => expect(await store.count(SESSIONS)).toBeLessThanOrEqual(11_001),
      10_000,
    );
    expect(await store.getById(SESSIONS, first)).toMatchObject({ active: true });
  });
});
