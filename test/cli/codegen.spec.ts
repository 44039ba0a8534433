import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ServerProcess } from '../support/server-process.js';

const CTL = fileURLToPath(new URL('../../dist/src/cli/dispatcherctl.js', import.meta.url));
const CLIENT = fileURLToPath(new URL('../../dist/src/client/index.js', import.meta.url));
/** Of the shipped plugins and the server itself: what changes nothing and needs no arguments. */
const READING = [
  ...[
    'system.info',
    'system.hardware',
    'system.memory',
    'system.load',
    'system.uptime',
    'system.time',
  ],
  ...[
    'system.process.query',
    'network.interface.query',
    'network.route.query',
    'storage.device.query',
  ],
  ...[
    'storage.mount.query',
    'file.watch.query',
    'task.query',
    'task.list_resources',
    'account.query',
  ],
  ...[
    'management.get_plugins',
    'session.whoami',
    'discovery.get_services',
    'event.cursor',
    'lock.get_locks',
  ],
];

let server: ServerProcess;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dispatcher-codegen-'));
  server = await ServerProcess.start();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function codegen(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [CTL, '--url', server.url, '--user', 'root', 'codegen', '--import', CLIENT, ...args],
      { maxBuffer: 16 * 2 ** 20 },
      (_, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

/** What the compiler says of the file and a program beside it. */
function compile(file: string, program: string): string[] {
  const beside = join(folder, 'program.mts');
  writeFileSync(beside, program);
  const made = ts.createProgram([beside, file], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.esnext.disposable.d.ts'],
  });
  return ts
    .getPreEmitDiagnostics(made)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

interface Generated {
  typed(client: unknown): Record<string, Record<string, (...args: unknown[]) => Promise<unknown>>>;
}

it('types a running server: it compiles under strict, and every call of it is answered', async () => {
  const out = join(folder, 'api.mts');
  expect(await codegen('--out', out)).toEqual({ status: 0, stdout: '', stderr: '' });
  const calls = READING.map((name) => {
    const [, service = '', method = ''] = /^(.*)\.(\w+)$/.exec(name) ?? [];
    return `await api[${JSON.stringify(service)}].${method}();`;
  });
  const program = `
    import { DispatcherClient } from ${JSON.stringify(CLIENT)};
    import { typed } from './api.mjs';
    const api = typed(new DispatcherClient({ url: 'ws://127.0.0.1/socket' }));
    ${calls.join('\n')}
    export const load: number = (await api.system.load()).averages.one_minute;
    api.events.on('system.load.tick', ({ args }) => console.log(args));
    await api.tasks['files.checksum'].run({ source: '/etc/hostname' });
    // @ts-expect-error a checksum of nothing
    await api.tasks['files.checksum'].run({});
  `;
  expect(compile(out, program)).toEqual([]);

  const compiled = ts.transpile(readFileSync(out, 'utf8'), {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2023,
  });
  writeFileSync(join(folder, 'api.mjs'), compiled);
  const { typed } = (await import(pathToFileURL(join(folder, 'api.mjs')).href)) as Generated;
  const { DispatcherClient } = (await import(
    pathToFileURL(CLIENT).href
  )) as typeof import('../../src/client/index.js');
  const client = new DispatcherClient({
    url: server.url,
    webSocket: WebSocket,
    credentials: () => ({ kind: 'local', username: 'root' }),
  });
  await client.connect();
  try {
    const api = typed(client);
    for (const name of READING) {
      const [, service = '', method = ''] = /^(.*)\.(\w+)$/.exec(name) ?? [];
      expect(await api[service]?.[method]?.(), name).toBeDefined();
    }
  } finally {
    client.close();
  }
});

it('gives the same bytes twice, and from a saved description', async () => {
  const [first, second] = [await codegen(), await codegen()];
  expect(second.stdout).toBe(first.stdout);
  const saved = join(folder, 'api.json');
  expect((await codegen('--document', '--out', saved)).status).toBe(0);
  expect((await codegen('--from', saved)).stdout).toBe(first.stdout);
});

it('says with status 7 that a file is stale, and leaves it as it is', async () => {
  const out = join(folder, 'checked.mts');
  expect((await codegen('--check', '--out', out)).status).toBe(7);
  await codegen('--out', out);
  expect(await codegen('--check', '--out', out)).toEqual({ status: 0, stdout: '', stderr: '' });
  writeFileSync(out, `${readFileSync(out, 'utf8')}// mine\n`);
  expect((await codegen('--check', '--out', out)).status).toBe(7);
  expect(readFileSync(out, 'utf8')).toMatch(/\/\/ mine\n$/);
});

it.each([
  [['--check'], /--check needs --out FILE/],
  [['--from', 'nowhere.json'], /nowhere\.json/],
  [['--from', CTL], /is no JSON/],
  [
    ['--from', fileURLToPath(new URL('../../package.json', import.meta.url))],
    /lacks hash, definitions, .*--document/,
  ],
  [['--out', '/nowhere/api.ts'], /\/nowhere\/api\.ts/],
  [['--from', 'ws://127.0.0.1:1/socket'], /Cannot connect to ws:\/\/127\.0\.0\.1:1/],
])('refuses %j in one line', async (args, message) => {
  const { status, stdout, stderr } = await codegen(...args);
  expect({ failed: status !== 0 && status !== 7, stdout }).toEqual({ failed: true, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
