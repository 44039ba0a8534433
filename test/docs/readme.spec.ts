import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CTL = join(ROOT, 'dist/src/cli/dispatcherctl.js');

let readme: string;
let plugins: string;
let server: ServerProcess;

const blocks = (language: string): string[] =>
  Array.from(
    readme.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g')),
    ([, text = '']) => text.trim(),
  );

/** Runs a command of the README against the server of this test. */
function run(command: string): string {
  const match = /^npx dispatcherctl (.*)$/.exec(command);
  const args = (match?.[1] ?? '').match(/'[^']*'|\S+/g) ?? [];
  const words = args.map((word) => word.replace(/^'|'$/g, ''));
  return execFileSync(process.execPath, [CTL, '--url', server.url, ...words], { encoding: 'utf8' });
}

/** The same keys and kinds of values, whatever the machine's figures are. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [shapeOf(value[0])];
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]));
}

beforeAll(async () => {
  readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  plugins = await mkdtemp(join(tmpdir(), 'dispatcher-readme-'));
  await writeFile(join(plugins, 'hello.ts'), blocks('ts')[0] ?? '');
  server = await ServerProcess.start({ dispatcher: { 'plugin-dirs': [plugins] } });
});
afterAll(async () => {
  await server.stop();
  await rm(plugins, { recursive: true, force: true });
});

describe('the README', () => {
  it('needs two command lines, one to run and one to test', () => {
    const commands = blocks('sh').filter((block) => block.startsWith('npm'));
    expect(commands).toEqual(['npm ci && npm start', 'npm ci && npm test']);
  });

  it('shows a call whose answer looks as shown', () => {
    const command = blocks('sh').find((block) => block.includes('system.load')) ?? '';
    expect(shapeOf(JSON.parse(run(command)))).toEqual(shapeOf(JSON.parse(blocks('json')[0] ?? '')));
  });

  it('shows a conversation that goes as shown', async () => {
    const lines = readme.split('\n').filter((line) => /^[→←] /.test(line));
    const client = await PlainClient.connect(server.url);
    for (const [index, line] of lines.entries()) {
      const frame = JSON.parse(line.slice(2)) as { id: number };
      if (line.startsWith('→')) client.sendRaw(line.slice(2));
      else
        expect(shapeOf(await client.find(({ id }) => id === frame.id)), `line ${index}`).toEqual(
          shapeOf(frame),
        );
    }
    await client.close();
  });

  it('shows a plugin that works, and reloads when edited', async () => {
    const [, greet = '', reload = ''] =
      /(npx dispatcherctl call hello[^\n]*)[\s\S]*?`(npx dispatcherctl call management[^`]*)`/.exec(
        readme,
      ) ?? [];
    expect(JSON.parse(run(greet))).toBe('Hello, world!');
    await writeFile(
      join(plugins, 'hello.ts'),
      (blocks('ts')[0] ?? '').replace('Hello,', 'Goodbye,'),
    );
    run(reload);
    expect(JSON.parse(run(greet))).toBe('Goodbye, world!');
  });

  it('links to nothing that is not there', async () => {
    const links = Array.from(readme.matchAll(/\]\((?!https?:)([^)#]+)/g), ([, path = '']) => path);
    for (const link of links) {
      const isThere = await readFile(join(ROOT, link)).then(
        () => true,
        (error: unknown) => (error as NodeJS.ErrnoException).code === 'EISDIR',
      );
      expect(isThere, link).toBe(true);
    }
  });
});
