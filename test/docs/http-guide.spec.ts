import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServerProcess } from '../support/server-process.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const CONTROL = join(ROOT, 'dist/src/cli/dispatcherctl.js');
const guide = await readFile(join(ROOT, 'docs/http.md'), 'utf8');

const blocks = (language: string): string[] =>
  Array.from(
    guide.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs')),
    ([, text = '']) => text,
  );
const [making = '', ping = '', task = '', failing = '', stream = ''] = blocks('sh');
const [, pong = '', problem = ''] = blocks('json');

let server: ServerProcess;
let ground: string;
let key: string;

/** Runs a block of the guide as a shell does, with the server of this test in the place of the reader's. */
async function shell(block: string): Promise<string> {
  const control = `dispatcherctl() { '${process.execPath}' '${CONTROL}' --url '${server.url}' "$@"; }\n`;
  const url = server.url.replace(/^ws/, 'http').replace('/socket', '');
  const env = { ...process.env, SERVER: url, KEY: key };
  const text = control + block.replace('/srv', ground);
  return (await run('bash', ['-c', text], { env })).stdout;
}

beforeAll(async () => {
  ground = await mkdtemp(join(tmpdir(), 'dispatcher-http-'));
  await writeFile(join(ground, 'nightly.tar'), 'a tape');
  server = await ServerProcess.start({ dispatcher: { 'http-calls': true, frontend: false } });
  key = '';
  key = (JSON.parse(await shell(making)) as { key: string }).key;
});
afterAll(async () => {
  await server.stop();
  await rm(ground, { recursive: true, force: true });
});

describe('the guide to calls over HTTP', () => {
  it('calls with the key that it has made', async () => {
    expect(JSON.parse(await shell(ping))).toEqual(JSON.parse(pong));
  });

  it('submits a task and waits for it', async () => {
    expect(JSON.parse(await shell(task))).toMatchObject({
      name: 'files.checksum',
      state: 'FINISHED',
    });
  });

  it('shows what a failure looks like', async () => {
    expect(JSON.parse(await shell(failing))).toEqual(JSON.parse(problem));
  });

  it('streams', async () => {
    expect(await shell(stream)).toMatch(/^\{"\$binary":"H4sI/);
  });
});
