import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Errno } from '../../src/common/index.js';
import { mongodbDriver } from '../../src/datastore/drivers/mongodb/index.js';
import { DocumentStore } from '../../src/datastore/index.js';
import { mongodbAddress } from '../conformance/mongodb-target.js';

/** A wire between client and server that can be cut and mended. */
class Wire {
  #server: Server | null = null;
  readonly #sockets = new Set<Socket>();
  port = 0;

  constructor(private readonly target: { readonly host: string; readonly port: number }) {}

  async mend(): Promise<void> {
    this.#server = createServer((client) => {
      const server = connect(this.target.port, this.target.host);
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => undefined).on('close', () => to.destroy());
        from.pipe(to);
      }
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.#server.address() as { port: number }).port;
  }

  cut(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }
}

const database = mongodbAddress('reconnect');

describe.skipIf(database === null)('a MongoDB server that goes away', () => {
  const cleanups: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  it('is EIO after the wait, is announced, and is used again when it is back', async () => {
    if (database === null) return;
    const address = new URL(database.dsn);
    const wire = new Wire({ host: address.hostname, port: Number(address.port || 27017) });
    await wire.mend();
    address.port = String(wire.port);
    const states: string[] = [];
    const driver = await mongodbDriver({ waitMs: 700 })(address.href, {
      onStateChange: (state) => states.push(state),
    });
    const store = new DocumentStore(driver);
    cleanups.push(
      () => database.drop(),
      () => wire.cut(),
      () => store.close(),
    );
    await store.requireCollection('rows', { key: 'given' });
    await store.insert('rows', { id: 1 });

    wire.cut();
    await expect(store.insert('rows', { id: 2 })).rejects.toMatchObject({ code: Errno.EIO });
    await expect(store.query('rows')).rejects.toThrow('Collection rows');
    await vi.waitFor(() => expect(states).toEqual(['unreachable']), 5_000);

    await wire.mend();
    await vi.waitFor(
      async () => expect(await store.getById('rows', 1)).toMatchObject({ id: 1 }),
      10_000,
    );
    await store.insert('rows', { id: 3 });
    expect(await store.count('rows', [['id', 'in', [1, 3]]])).toBe(2);
    await vi.waitFor(() => expect(states).toEqual(['unreachable', 'reachable']), 10_000);
  });
});
