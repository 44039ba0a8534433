import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Errno, type RpcException } from '../../src/common/index.js';
import { DATASTORE_DRIVERS } from '../../src/server/datastore-drivers.js';
import { mongodbDriver } from '../../src/datastore/drivers/mongodb/index.js';
import { openConnection } from '../../src/datastore/drivers/sqlite/engine.js';
import { type DocumentStore, openDatastore } from '../../src/datastore/index.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bad-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const events = { onStateChange: () => undefined };

function open(driver: string, dsn: string): Promise<DocumentStore> {
  return openDatastore({ driver, dsn }, { drivers: DATASTORE_DRIVERS });
}

async function refusal(attempt: Promise<unknown>): Promise<RpcException> {
  try {
    await attempt;
  } catch (error) {
    return error as RpcException;
  }
  throw new Error('nothing was refused');
}

describe('an address that cannot be used is refused without its secrets', () => {
  it.each<[string, string, Errno, string]>([
    ['oracle', 'x', Errno.EINVAL, "no driver 'oracle': use one of sqlite, mongodb"],
    ['sqlite', '', Errno.EINVAL, 'takes a file path'],
    ['sqlite', 'mongodb://u:s3cret@h', Errno.EINVAL, 'not a mongodb: address'],
    ['sqlite', 'libsql://u:s3cret@h', Errno.EINVAL, 'not a libsql: address'],
    ['mongodb', '/var/lib/store.db', Errno.EINVAL, 'mongodb:// or mongodb+srv://'],
    ['mongodb', 'postgres://u:s3cret@h/db', Errno.EINVAL, 'not a postgres:// address'],
    ['mongodb', 'mongodb://u:s3cret@', Errno.EINVAL, 'malformed'],
    ['mongodb', 'mongodb://u:s3cret%@h/db', Errno.EINVAL, 'malformed'],
    ['mongodb', 'mongodb://u:s3cret@h/d b', Errno.EINVAL, 'database is not valid'],
    ['mongodb', 'mongodb://u:s3cret@h/db?nonsense=1', Errno.EINVAL, 'malformed'],
  ])('%s %s', async (driver, dsn, code, text) => {
    const error = await refusal(open(driver, dsn));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(text);
    expect(
      `${error.message}${error.stack ?? ''}${JSON.stringify(error.extra ?? '')}`,
    ).not.toContain('s3cret');
  });
});

describe('a server that does not answer as MongoDB', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function listen(answer: string | null): Promise<number> {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (answer !== null) socket.write(answer);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return (server.address() as { port: number }).port;
  }
  const attempt = (port: number): Promise<unknown> =>
    mongodbDriver({ waitMs: 400 })(`mongodb://u:s3cret@127.0.0.1:${port}/x`, events);

  it.each<[string, string | null]>([
    ['speaks another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n0123456789'],
    ['says nothing', null],
  ])('and %s is EIO within the limit', async (_, answer) => {
    const error = await refusal(attempt(await listen(answer)));
    expect(error).toMatchObject({ code: Errno.EIO });
    expect(error.message).toMatch(/127\.0\.0\.1:\d+\/x: the server cannot be reached/);
    expect(error.message).not.toContain('s3cret');
  });

  it('and is not there is EIO', async () => {
    const port = await listen(null);
    await new Promise((resolve) => server?.close(resolve));
    expect(await refusal(attempt(port))).toMatchObject({ code: Errno.EIO });
  });
});

describe('a file that cannot be used is refused and left as it was', () => {
  it('is made for its owner only', async () => {
    const file = join(folder, 'deep', 'er', 'store.db');
    const store = await open('sqlite', file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('is no database', async () => {
    const file = join(folder, 'x');
    writeFileSync(file, 'this is a text, and longer than a header');
    const error = await refusal(open('sqlite', file));
    expect(error).toMatchObject({ code: Errno.EIO });
    expect(error.message).toContain(`${file}: `);
    expect(error.message).toContain('not a SQLite database');
    expect(readFileSync(file, 'utf8')).toContain('this is a text');
  });

  it('is the database of another program', async () => {
    const file = join(folder, 'x');
    const other = openConnection(file, 'libsql');
    other.exec('CREATE TABLE theirs (a)');
    other.close();
    expect((await refusal(open('sqlite', file))).message).toContain('another program');
  });

  it('is a folder, or below a file', async () => {
    mkdirSync(join(folder, 'dir'));
    writeFileSync(join(folder, 'file'), '');
    expect((await refusal(open('sqlite', join(folder, 'dir')))).message).toContain('dir');
    expect((await refusal(open('sqlite', join(folder, 'file', 'x')))).message).toContain('file');
  });

  it('is damaged', async () => {
    const file = join(folder, 'x');
    const store = await open('sqlite', file);
    await store.requireCollection('c', { key: 'serial' });
    await store.insertMany(
      'c',
      Array.from({ length: 200 }, (_, n) => ({ n, text: 'x'.repeat(500) })),
    );
    await store.close();
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 4096 * 3);
    writeFileSync(file, bytes);
    const error = await refusal(
      (async () => {
        const damaged = await open('sqlite', file);
        try {
          await damaged.query('c');
        } finally {
          await damaged.close();
        }
      })(),
    );
    expect(error).toMatchObject({ code: Errno.EIO });
    expect(error.message).toContain('damaged');
  });

  it('is locked by another process', async () => {
    const file = join(folder, 'x');
    const store = await open('sqlite', file);
    await store.requireCollection('c', { key: 'serial' });
    const other = openConnection(file, 'libsql');
    other.exec('BEGIN IMMEDIATE');
    const error = await refusal(store.insert('c', {}));
    expect(error).toMatchObject({ code: Errno.EBUSY });
    expect(error.message).toContain('another process holds the lock');
    other.exec('ROLLBACK');
    expect(await store.insert('c', {})).toBe(1);
    other.close();
    await store.close();
  }, 20_000);

  it.skipIf(process.getuid?.() === 0)('is read-only (root may write everything)', async () => {
    const file = join(folder, 'x');
    await (await open('sqlite', file)).close();
    chmodSync(file, 0o400);
    expect(await refusal(open('sqlite', file))).toMatchObject({ code: Errno.EACCES });
  });
});
