import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import type { PlainClient } from '../support/plain-client.js';

let server: PluginServer;
let client: PlainClient;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dispatcher-plan-'));
  writeFileSync(join(folder, 'a'), 'a');
  server = await PluginServer.start({});
  client = await server.admin();
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const pathsInUse = async (): Promise<readonly string[]> => {
  const rows = await client.result<readonly { name: string }[]>('task.list_resources');
  return rows.map(({ name }) => name).filter((name) => name.includes(folder));
};

// a planned task has no number, and never ends: whatever it asks for in its verify has to know that
it.each([
  ['files.checksum', [{ source: 'a' }], ['a']],
  ['files.copy', [{ source: 'a', destination: 'b' }], ['a', 'b']],
  ['files.archive', [{ source: 'a', destination: 'b.tar' }], ['a', 'b.tar']],
  ['files.backup', [{ source: 'a', destination: 'b' }], ['a', 'b']],
])(
  'a plan of %s tells what it would lock, and leaves nothing behind',
  async (name, given, names) => {
    const args = given.map((one) =>
      Object.fromEntries(Object.entries(one).map(([key, value]) => [key, join(folder, value)])),
    );
    const plan = await client.result<{ resources: { resource: string }[] }>(
      'task.plan',
      name,
      args,
    );
    expect(plan.resources.map(({ resource }) => resource).sort()).toEqual(
      names.map((one) => `path:${join(folder, one)}`).sort(),
    );
    expect(await pathsInUse()).toEqual([]);
  },
);

it('what was planned can be done', async () => {
  const args = [{ source: join(folder, 'a') }];
  await client.result('task.plan', 'files.checksum', args);
  const id = await client.result<number>('task.submit', 'files.checksum', args);
  expect(await client.result('task.wait', id)).toMatchObject({ state: 'FINISHED' });
}, 30_000);
