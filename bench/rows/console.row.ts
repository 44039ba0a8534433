import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumPath, ConsolePage } from '../load/console-page.js';
import { RpcCaller } from '../load/rpc-caller.js';
import { median } from '../measure/statistics.js';
import { PATHS } from '../paths.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import type { Goal, Row, RowContext, RowResult } from './row.js';
import { type Started, startAll, stopAll } from './started.js';

const METHODS = 1_000;
const SERVICES = 20;
const TASKS = 10_000;
const AT_ONCE = 200;
/** Typed into the palette key by key: nothing, some and one of the methods answer. */
const TYPED = 'service13.method_49';

/** The web console over a server with a thousand methods and ten thousand tasks. */
export const consoleRow: Row = {
  name: 'console',
  async run(context) {
    if (!existsSync(chromiumPath())) return [absent([`There is no browser at ${chromiumPath()}`])];
    const plugins = mkdtempSync(join(tmpdir(), 'dispatcher-bench-plugins-'));
    writeFileSync(join(plugins, 'many.ts'), manyMethods());
    const port = await freePort();
    const config = {
      frontend: true,
      'frontend-port': port,
      'plugin-dirs': [plugins, PATHS.taskPlugins],
      'shipped-plugins': false,
    };
    const product = dispatcher({ entry: context.options.server, config });
    const { started, notes } = await startAll([product]);
    try {
      const [server] = started;
      if (server === undefined) return [absent(notes)];
      return results(await measure(server, `http://127.0.0.1:${port}/`, context));
    } finally {
      await stopAll(started);
      rmSync(plugins, { recursive: true, force: true });
    }
  },
};

interface Measured {
  readonly scriptBytes: number;
  readonly firstPaintMs: number[];
  readonly listMs: number[];
  /** Of each round, its slowest key. */
  readonly keyMs: number[];
  readonly taskRowMs: number[];
}

async function measure(
  server: Started,
  address: string,
  { options, progress }: RowContext,
): Promise<Measured> {
  const page = await ConsolePage.open(address);
  try {
    const scriptBytes = await page.scriptBytes();
    const measured: Measured = {
      scriptBytes,
      firstPaintMs: [],
      listMs: [],
      keyMs: [],
      taskRowMs: [],
    };
    for (let round = 1; round <= options.rounds; round += 1) {
      progress(`console, round ${round} of ${options.rounds}`);
      const loaded = await page.loadMethods();
      measured.firstPaintMs.push(loaded.firstPaintMs);
      measured.listMs.push(loaded.listMs);
      measured.keyMs.push(await page.slowestKeyMs(TYPED));
    }
    progress(`console, ${TASKS} tasks`);
    await runTasks(server);
    for (let round = 1; round <= options.rounds; round += 1) {
      measured.taskRowMs.push(await page.firstTaskRowMs());
    }
    return measured;
  } finally {
    await page.close();
  }
}

/** As many as the table is measured with, all of them at their end. */
async function runTasks(server: Started): Promise<void> {
  const caller = await RpcCaller.open(server);
  for (let done = 0; done < TASKS; done += AT_ONCE) {
    const submitted = Array.from({ length: AT_ONCE }, () =>
      caller.call<number>('task.submit', 'bench.inline', [[]]),
    );
    const ids = await Promise.all(submitted);
    await Promise.all(ids.map((id) => caller.call('task.wait', id)));
  }
  await caller.close();
}

const WORK = `web console over ${METHODS.toLocaleString('en')} methods`;

const absent = (notes: readonly string[]): RowResult => ({
  row: 'console',
  work: WORK,
  lines: [],
  notes,
});

function results(measured: Measured): readonly RowResult[] {
  const { scriptBytes } = measured;
  const [firstPaint, list, key, taskRow] = [
    median(measured.firstPaintMs),
    median(measured.listMs),
    median(measured.keyMs),
    median(measured.taskRowMs),
  ];
  const block = (
    work: string,
    lines: readonly (readonly [subject: string, value: number, unit: string])[],
    goal: Omit<Goal, 'better'>,
    notes: readonly string[] = [],
  ): RowResult => ({
    row: 'console',
    work: `${WORK}, ${work}`,
    lines: lines.map(([subject, value, unit]) => ({ subject, value, unit })),
    notes,
    goal: { ...goal, better: 'lower' },
  });
  return [
    block(
      'loading',
      [
        ['first paint', firstPaint, 'ms'],
        ['all methods', list, 'ms'],
      ],
      { figure: 'ms to the first paint', target: 1_000, achieved: firstPaint },
    ),
    block(
      'search in the palette',
      [['slowest key', key, 'ms']],
      { figure: 'ms a key', target: 50, achieved: key },
      ['from the key to the painted answer, up to 17 ms of it the wait for the next frame'],
    ),
    block(`${TASKS.toLocaleString('en')} tasks`, [['first row', taskRow, 'ms']], {
      figure: 'ms from nothing to the first row',
      target: 1_000,
      achieved: taskRow,
    }),
    block(
      'code before the first page',
      [['JavaScript', scriptBytes / 1_000, 'kB']],
      { figure: 'kB, uncompressed', target: 250, achieved: scriptBytes / 1_000 },
      ['login and overview, the first time; the other pages and the editor are read when opened'],
    ),
  ];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function manyMethods(): string {
  const services = Array.from({ length: SERVICES }, (_, service) => {
    const methods = Array.from(
      { length: METHODS / SERVICES },
      (_, n) => `
  @description('Method ${n} of the service') @accepts(Thing, Number) @returns(Thing)
  method_${n}(thing: Thing, n: number): Thing { return thing; }`,
    );
    return `
@description('Service ${service}') @provider('service${service}')
export class Service${service} extends Provider {${methods.join('')}
}`;
  });
  const names = Array.from({ length: SERVICES }, (_, service) => `Service${service}`);
  return `import { accepts, description, Plugin, Provider, provider, returns } from 'dispatcher';
import { IsInt, IsString } from 'class-validator';
export class Thing { @IsString() name!: string; @IsInt() size!: number; }
${services.join('\n')}
@Plugin({ schemas: [Thing], providers: [${names.join(', ')}] }) export default class {}
`;
}
