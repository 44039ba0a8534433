import { readFile } from 'node:fs/promises';
import { list } from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from './chromium.js';
import { ConsoleHarness } from './console.harness.js';

const INSIDE = `
import { accepts, Dispatcher, EventSource, eventSource, Plugin, returns, Task, task } from 'dispatcher';
@task('inside.long') @accepts() @returns(null) export class LongTask extends Task {
  describe() { return 'Runs in a process of its own'; }
  verify() { return []; }
  async run() {
    await new Promise<void>((resolve) => this.signal.addEventListener('abort', () => resolve()));
    return null;
  }
  abort() { return true; }
}
@eventSource('inside.beat') export class Beat extends EventSource {
  async run() { throw new Error('the heart stands still'); }
}
@Plugin({ providers: [LongTask, Beat] }) export default class {}
`;

describe.skipIf(CHROMIUM === null)('the diagnostics of the console (needs chromium)', () => {
  let console: ConsoleHarness;
  beforeAll(async () => {
    console = await ConsoleHarness.start({ 'inside.ts': INSIDE });
  });
  afterAll(() => console.stop());

  it('show the process that a task runs in, which leads to the task', async () => {
    const admin = await console.server.admin();
    const id = await admin.result<number>('task.submit', 'inside.long', []);
    const page = await console.loggedIn('#/diagnostics');
    const row = page.getByRole('row').filter({ hasText: `task ${id}` });
    await row.getByText('executing').waitFor();
    const [executor] = await admin.result<{ pid: number }[]>('task.list_executors');
    await row.getByRole('cell', { name: String(executor?.pid), exact: true }).waitFor();
    await admin.result('task.abort', id);
    await row.waitFor({ state: 'detached' });
  });

  it('show who holds a named lock and who waits for it', async () => {
    const [holder, waiter] = [await console.server.admin(), await console.server.admin()];
    await holder.result('lock.init', 'backup');
    await holder.result('lock.acquire', 'backup', null);
    const waiting = waiter.result('lock.acquire', 'backup', null);
    const page = await console.loggedIn('#/diagnostics/locks');
    const row = page.getByRole('row').filter({ hasText: 'backup' });
    await row.locator('.tag.warn').getByText('1').waitFor();
    await holder.result('lock.release', 'backup');
    await waiting;
    await row.getByText('nobody').waitFor();
    await waiter.result('lock.release', 'backup');
    await row.getByText('free').waitFor();
  });

  it('show how event sources do, and which of their events somebody wants', async () => {
    const page = await console.loggedIn('#/diagnostics/sources');
    const row = page.getByRole('row').filter({ hasText: 'inside.beat' });
    await row.getByText('the heart stands still').waitFor();
    await row.getByText('backing-off').waitFor();
    await row.getByText('nobody listens').waitFor();
    const listener = await console.server.admin();
    listener.send('events', 'subscribe', null, ['inside.*']);
    await row.getByText('wanted').waitFor();
  });

  it('make the debug archive, and tell who may not which role may', async () => {
    const page = await console.loggedIn('#/diagnostics/archive');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Make and download' }).click();
    const file = await (await download).path();
    const names: string[] = [];
    await list({ file, onReadEntry: ({ path }) => names.push(path) });
    expect(names.some((name) => name.endsWith('server.json'))).toBe(true);
    expect(names.some((name) => name.endsWith('log.ndjson'))).toBe(true);
    await page.getByText(/is in your downloads/).waitFor();
    expect((await readFile(file)).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));

    const admin = await console.server.admin();
    const password = { $password: 'reads a lot' };
    await admin.result('account.create', { username: 'rita', password, roles: ['reader'] });
    const hers = await console.page();
    await hers.goto(`${console.address}/#/diagnostics/archive`);
    await hers.getByLabel('User').fill('rita');
    await hers.getByLabel('Password').fill('reads a lot');
    await hers.getByRole('button', { name: 'Log in' }).click();
    await hers.getByText('needs admin').waitFor();
    expect(await hers.getByRole('button', { name: 'Make and download' }).isDisabled()).toBe(true);
  });
});
