import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const CONTROL = join(ROOT, 'dist/src/cli/dispatcherctl.js');
const guide = await readFile(join(ROOT, 'docs/settings-and-schedules.md'), 'utf8');

const blocks = (language: string): string[] =>
  Array.from(
    guide.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs')),
    ([, text = '']) => text,
  );

let server: PluginServer;
beforeAll(async () => {
  server = await PluginServer.start({ 'mail.ts': blocks('ts')[0] ?? '' });
});
afterAll(() => server.stop());

async function answers(block: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const line of block.trim().split('\n')) {
    const words = (line.match(/'[^']*'|\S+/g) ?? [])
      .slice(1)
      .map((word) => word.replace(/^'|'$/g, ''));
    const { stdout } = await run(process.execPath, [
      CONTROL,
      '--url',
      server.process.url,
      ...words,
    ]);
    found.push(stdout === '' ? null : (JSON.parse(stdout) as unknown));
  }
  return found;
}

describe('the guide to settings and schedules', () => {
  it('has settings that are described, set, read and reset as shown', async () => {
    const [described, , values, reset] = await answers(blocks('sh')[0] ?? '');
    expect((described as { key: string }[]).map(({ key }) => key)).toEqual([
      ...['mail.password', 'mail.port', 'mail.server'],
    ]);
    expect(values).toEqual({ 'mail.port': 587, 'mail.server': 'mail.example.org' });
    expect(reset).toBeNull();
    expect(await (await server.admin()).result('mail.target')).toBe('mail.example.org:25');
  }, 60_000);

  it('has a schedule that is previewed, made, seen, run, changed and removed as shown', async () => {
    const [preview, id, rows, task] = await answers(blocks('sh')[1] ?? '');
    expect(preview).toHaveLength(3);
    expect(id).toBe(1);
    expect(rows).toMatchObject([
      { name: 'nightly', catch_up: 'once', overlap: 'skip', last: null },
    ]);
    const client = await server.admin();
    expect(await client.result('task.wait', task)).toMatchObject({ state: 'FINISHED' });
    expect(await client.result('schedule.query')).toEqual([]);
  }, 60_000);
});
