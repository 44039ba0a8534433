import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

/** A thousand by hand: `RELOADS=1000 npx vitest run test/e2e/reload.spec.ts`. */
const RELOADS = Number(process.env['RELOADS'] ?? 300);
const WARM_UP = 150;
const BUSY_CONNECTIONS = 20;
const MAX_GROWTH_BYTES = 2 * 1024 * RELOADS;
/** The growth is that of the median window: a leak is in all of them, what is kept once is in one. */
const WINDOWS = 3;

let directory: string;
let server: ServerProcess;
let admin: PlainClient;

/** A plugin that remembers its generations without keeping them alive. */
const edited = (answer: string): string => `
import { accepts, description, Plugin, Provider, provider, returns } from 'dispatcher';
import { IsInt, IsString } from 'class-validator';

export class Greeting {
  @IsString() text!: string;
  @IsInt() length!: number;
}

@provider('edited')
export class EditedProvider extends Provider {
  @description('Says which edition of the code answers')
  @accepts(String)
  @returns(Greeting)
  async greet(name: string): Promise<Greeting> {
    await Promise.resolve();
    const text = \`${answer}, \${name}\`;
    return { text, length: text.length };
  }
}

@Plugin({ schemas: [Greeting], providers: [EditedProvider] })
export default class EditedPlugin {
  async init(): Promise<void> {
    await Promise.resolve();
    const all = ((globalThis as any).generations ??= []) as WeakRef<object>[];
    all.push(new WeakRef(EditedPlugin), new WeakRef(Greeting));
  }
}
`;

const PROBE = `
import { accepts, description, Plugin, Provider, provider, returns } from 'dispatcher';

@provider('probe')
export class ProbeProvider extends Provider {
  @description('Bytes of live heap and generations of the edited plugin that are alive')
  @accepts() @returns(Object)
  async measure() {
    for (let i = 0; i < 4; i += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      (globalThis as any).gc();
    }
    const all = (globalThis as any).generations.filter((ref: WeakRef<object>) => ref.deref() !== undefined);
    (globalThis as any).generations = all;
    return { heap: process.memoryUsage().heapUsed, alive: all.length / 2 };
  }
}

@Plugin({ providers: [ProbeProvider] })
export default class ProbePlugin {}
`;

const write = (answer: string): Promise<void> =>
  writeFile(join(directory, 'edited.ts'), edited(answer));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-foreign-'));
  await write('Edition 0');
  await writeFile(join(directory, 'probe.ts'), PROBE);
  server = await ServerProcess.start({
    // what the journal keeps of each reload is bounded: here it is full before the measuring begins
    dispatcher: { 'plugin-dirs': [directory], limits: { 'event-journal-events': 100 } },
    // machine code counts as heap, and V8 makes it of busy functions for minutes
    nodeFlags: ['--expose-gc', '--no-opt', '--no-sparkplug'],
  });
  admin = await PlainClient.loggedIn(server.url);
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('a TypeScript plugin in a foreign directory', () => {
  it('answers with its new code after it was edited and reloaded', async () => {
    expect(await admin.result('edited.greet', 'you')).toEqual({
      text: 'Edition 0, you',
      length: 14,
    });
    await write('Edition one');
    await admin.result('management.reload_plugins', ['edited']);
    expect(await admin.result('edited.greet', 'you')).toMatchObject({ text: 'Edition one, you' });
  });

  it('is reloaded by SIGHUP as well', async () => {
    await admin.find((frame) => frame.id !== null);
    admin.send('events', 'subscribe', null, ['server.plugin.initialized']);
    await admin.settled();
    await write('Hung up');
    server.child.kill('SIGHUP');
    await admin.find(
      ({ name, args }) => name === 'event' && JSON.stringify(args).includes('"edited"'),
    );
    expect(await admin.result('edited.greet', 'you')).toMatchObject({ text: 'Hung up, you' });
  });

  it('that does not compile any more is reported with stage and place, and mended by the next reload', async () => {
    await writeFile(join(directory, 'edited.ts'), 'export default class {\n  broken(\n');
    const reply = await admin.call('management.reload_plugins', ['edited']);
    expect(reply.args).toMatchObject({ message: expect.stringMatching(/edited.*load/) as string });
    const rows = await admin.result<{ name: string }[]>('management.get_plugins');
    expect(rows.find(({ name }) => name === 'edited')).toMatchObject({
      state: 'loaded',
      stage: 'load',
    });
    expect(await admin.result('edited.greet', 'you')).toMatchObject({ text: 'Hung up, you' });
    await write('Mended');
    await admin.result('management.reload_plugins', ['edited']);
    expect(await admin.result('edited.greet', 'you')).toMatchObject({ text: 'Mended, you' });
  });

  it(`survives ${RELOADS} reloads under ${BUSY_CONNECTIONS} busy connections: no failed call, no closed connection, no leak`, async () => {
    const clients = await Promise.all(
      Array.from({ length: BUSY_CONNECTIONS }, () => PlainClient.loggedIn(server.url)),
    );
    const state = { isDone: false, calls: 0, failures: [] as unknown[] };
    const work = clients.map(async (client) => {
      while (!state.isDone) {
        const reply = await client.call('edited.greet', 'busy');
        state.calls += 1;
        if (reply.name !== 'response') state.failures.push(reply.args);
        client.received.length = 0;
      }
    });
    const reload = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i += 1) {
        await write(`Edition ${i}`);
        await admin.result('management.reload_plugins', ['edited']);
        admin.received.length = 0;
      }
    };
    await reload(WARM_UP);
    const measure = () => admin.result<{ heap: number; alive: number }>('probe.measure');
    let last = await measure();
    const growths: number[] = [];
    for (let window = 0; window < WINDOWS; window += 1) {
      const before = last;
      await reload(RELOADS / WINDOWS);
      last = await measure();
      growths.push(last.heap - before.heap);
    }
    const growth = WINDOWS * growths.toSorted((a, b) => a - b)[Math.floor(WINDOWS / 2)]!;
    state.isDone = true;
    await Promise.all(work);
    const open = clients.filter(({ socket }) => socket.readyState === socket.OPEN);
    for (const client of clients) await client.close();
    console.log(
      `${RELOADS} reloads, ${state.calls} calls meanwhile, heap ${(growth / 1_048_576).toFixed(2)} MiB more (${growths.join(', ')} bytes)`,
    );
    expect(state.failures).toEqual([]);
    expect(state.calls).toBeGreaterThan(RELOADS);
    expect(open).toHaveLength(BUSY_CONNECTIONS);
    expect(last.alive).toBe(1);
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
  }, 300_000);
});
