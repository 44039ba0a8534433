import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { freePort } from '../support/free-port.js';
import { PROBE } from './support/probe-plugin.js';
import { CTL, runCli } from './support/run-cli.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const run = promisify(execFile);
const hasBash = spawnSync('bash', ['--version']).status === 0;
let server: PluginServer;
let folder: string;
/** A machine under load must not decide what is completed. */
const PATIENT = JSON.stringify({ cli: { 'completion-timeout-ms': 20_000 } });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dispatcher-cli-completion-'));
  server = await PluginServer.start({ 'probe.ts': PROBE });
  writeFileSync(join(folder, 'patient.conf'), PATIENT);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function offered(
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<string[]> {
  const { status, stdout, stderr } = await runCli(['__complete', '--', ...words], {
    env: {
      DISPATCHER_URL: server.process.url,
      DISPATCHER_USER: 'root',
      DISPATCHER_CONFIG: join(folder, 'patient.conf'),
      XDG_CACHE_HOME: folder,
      ...env,
    },
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').slice(0, -1);
}

const values = async (...words: string[]): Promise<string[]> =>
  (await offered(words)).map((line) => line.split('\t')[0] ?? '');

describe('completion', () => {
  it.each<[readonly string[], readonly string[]]>([
    [['ca'], ['call']],
    [
      ['task', ''],
      ['list', 'show', 'wait', 'abort', 'explain', 'logs'],
    ],
    [['call', 'probe.a'], ['probe.add']],
    [['call', 'probe.typed', 't'], ['tags=']],
    [['call', 'probe.add', 'a=1', ''], ['b=']],
    [
      ['submit', 'probe.'],
      ['probe.fail', 'probe.slow'],
    ],
    [['submit', 'probe.slow', ''], ['seconds=']],
    [['--json', 'describe', 'probe.sl'], ['probe.slow']],
    [['methods', 'prob'], ['probe']],
    [['reload', 'prob'], ['probe']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['schedule', 'create', 'x', '* * * * *', 'probe.s', '--overlap', 'q'], ['queue']],
    [['task', 'list', '--li'], ['--limit']],
    [['status', '--ca', ''], [':files']],
    [['call', 'probe.typed', 'bytes@'], [':files']],
    [['nosuch', ''], []],
    [['services', ''], []],
  ])('of %j is %j', async (words, expected) => {
    expect(await values(...words)).toEqual(expected);
  });

  it('says what each is for', async () => {
    expect(await offered(['call', 'probe.ad'])).toEqual(['probe.add\tAdds two numbers']);
  });

  it('does nothing on the server but look: no task, no call of a plugin', async () => {
    const client = await server.admin();
    const before = await client.result<unknown[]>('task.query');
    for (const word of ['$(touch x)', '`x`', "'", '"', '\\', '{', 'seconds=1;']) {
      await offered(['submit', 'probe.slow', word]);
    }
    expect(await client.result<unknown[]>('task.query')).toEqual(before);
  });

  it('answers from its memory when there is no server, and with commands when there is none of that', async () => {
    await offered(['call', 'probe.a']);
    const port = await freePort();
    const gone = { DISPATCHER_URL: `ws://127.0.0.1:${port}/socket` };
    expect(await offered(['call', 'probe.a'], gone)).toEqual([]);
    expect(await offered(['ca'], gone)).toHaveLength(1);
    const own = await PluginServer.start(
      { 'probe.ts': PROBE },
      { dispatcher: { 'websocket-port': port } },
    );
    expect(await offered(['call', 'probe.a'], gone)).toHaveLength(1);
    await own.stop();
    expect(await offered(['call', 'probe.a'], gone)).toHaveLength(1);
  });

  it.skipIf(!hasBash)('works in bash, where = ends a word (needs bash)', async () => {
    const program = join(folder, 'dispatcherctl');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${CTL}' "$@"\n`);
    chmodSync(program, 0o755);
    const complete = async (line: string): Promise<string[]> => {
      const script = `source <(dispatcherctl completion bash); COMP_LINE=${JSON.stringify(line)}; COMP_POINT=\${#COMP_LINE}; _dispatcherctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await run('bash', ['-c', script], {
        cwd: folder,
        env: {
          PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
          HOME: folder,
          DISPATCHER_URL: server.process.url,
          DISPATCHER_CONFIG: join(folder, 'patient.conf'),
        },
      });
      return stdout.split('\n').filter((word) => word !== '');
    };
    expect(await complete('dispatcherctl ta')).toEqual(['task']);
    expect(await complete('dispatcherctl call probe.ad')).toEqual(['probe.add']);
    expect(await complete('dispatcherctl call probe.add a=1 ')).toEqual(['b=']);
    expect(await complete('dispatcherctl status --ca pati')).toEqual(['patient.conf']);
  });
});
