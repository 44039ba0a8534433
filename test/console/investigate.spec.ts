import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { CHROMIUM } from './chromium.js';
import { ConsoleHarness } from './console.harness.js';
import { PEOPLE, WORK } from './console.plugins.js';
import { MAIL, SHELF } from './operator.plugins.js';

const run = promisify(execFile);

const EVERY_PAGE = [
  ...[
    'overview',
    'calls',
    'tasks',
    'resources',
    'events',
    'logs',
    'cause',
    'settings',
    'schedules',
  ],
  ...['users', 'users/roles', 'users/keys', 'clients', 'plugins', 'files', 'data', 'schemas'],
  ...['docs', 'diagnostics', 'diagnostics/locks', 'diagnostics/sources', 'wire'],
];

describe.skipIf(CHROMIUM === null)('looking into things in the console (needs chromium)', () => {
  let console: ConsoleHarness;
  let admin: PlainClient;
  beforeAll(async () => {
    console = await ConsoleHarness.start(
      { 'people.ts': PEOPLE, 'work.ts': WORK, 'mail.ts': MAIL, 'shelf.ts': SHELF },
      { 'http-calls': true },
    );
    admin = await console.server.admin();
    const password = { $password: 'reads a lot' };
    await admin.result('account.create', { username: 'rita', password, roles: ['reader'] });
  });
  afterAll(() => console.stop());

  it('leads from the reference of an error to the line of the log', async () => {
    const page = await console.loggedIn('#/calls/shelf.fall');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    const alert = page.getByRole('region', { name: 'Answer' }).getByRole('alert');
    await alert.getByRole('link').click();
    const found = page.getByRole('region', { name: 'What happened' });
    await found.getByText('Call failed unexpectedly').waitFor();
    await found.getByText(/called in this window/).waitFor();
  });

  it('leads from a task to its events, its log lines and its stages, in their order', async () => {
    const id = await admin.result<number>('task.submit', 'work.regret', ['cake']);
    await admin.result('task.wait', id);
    const page = await console.loggedIn(`#/tasks/${id}`);
    const cause = await admin.result<{ cause: string }>('task.status', id);
    await page.getByRole('link', { name: cause.cause }).click();
    const steps = page.getByRole('region', { name: 'What happened' }).getByRole('listitem');
    await steps.filter({ hasText: 'task.created' }).first().waitFor();
    await steps
      .filter({ hasText: `task ${id} work.regret` })
      .first()
      .waitFor();
    const texts = await steps.allTextContents();
    const at = (word: string): number =>
      texts.findIndex((text) => text.includes(`task ${id} `) && text.includes(word));
    expect(at('submitted')).toBeLessThan(at('started'));
    expect(at('started')).toBeLessThan(at('rolled back'));
    expect(at('rolled back')).toBeLessThan(at('failed'));
    const byNumber = await console.loggedIn(`#/cause/${id}`);
    await byNumber.locator('span.mono').getByText(cause.cause, { exact: true }).waitFor();
    await byNumber.evaluate((to) => (location.hash = `#/cause/${to}`), cause.cause);
    const field = byNumber.getByLabel('Reference, cause or number of a task');
    await expect.poll(() => field.inputValue()).toBe(cause.cause);
  });

  it('is by rita for a while, who is told on every page what is for whom, and nothing breaks', async () => {
    const page = await console.loggedIn('#/settings');
    await page.getByRole('button', { name: 'Act as another user' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('User').fill('rita');
    await dialog.getByLabel('Password').fill('wrong');
    await dialog.getByRole('button', { name: 'Act as this user' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Password').fill('reads a lot');
    await dialog.getByRole('button', { name: 'Act as this user' }).click();
    await page.getByText('You act as rita').waitFor();
    await page.getByText('needs admin').first().waitFor();
    for (const place of EVERY_PAGE) {
      await page.evaluate((hash) => (location.hash = hash), `#/${place}`);
      await page.locator('main').getByText(/\w/).first().waitFor();
      await expect.poll(() => page.getByRole('status', { name: 'Loading' }).count()).toBe(0);
      expect(await page.getByRole('alert').count(), place).toBe(0);
    }
    await page.evaluate(() => (location.hash = '#/data'));
    await page.getByText('needs the role admin').waitFor();
    await page.getByText('You are rita with reader.').waitFor();
    await page.evaluate(() => (location.hash = '#/calls/settings.set'));
    await page.locator('main').getByText('needs admin').waitFor();
    await page.getByRole('button', { name: 'Be yourself again' }).click();
    await page.locator('main').getByText('needs admin').waitFor({ state: 'detached' });
  });

  it('finds in an answer, shows it as a table, and calls again what was saved', async () => {
    const page = await console.loggedIn('#/calls/discovery.get_methods?args=["task"]');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    const answer = page.getByRole('region', { name: 'Answer' });
    await answer.getByRole('button', { name: 'Table' }).click();
    await answer.getByRole('columnheader', { name: 'description' }).waitFor();
    await answer.getByLabel('Search in the answer').fill('submit_with_env');
    await expect.poll(() => answer.getByRole('row').count()).toBe(2);
    await answer.getByLabel('Search in the answer').fill('no such word at all');
    await answer.getByText('Nothing in the answer says').waitFor();
    await page.getByRole('tab', { name: 'Saved' }).click();
    await page.getByLabel('Name of the saved call').fill('all of tasks');
    await page.getByRole('button', { name: 'Save this call' }).click();
    await page.evaluate(() => (location.hash = '#/calls/people.create'));
    await page.getByRole('tab', { name: 'Saved' }).click();
    await page.getByRole('link', { name: 'all of tasks' }).click();
    await page.getByRole('heading', { name: 'discovery.get_methods' }).waitFor();
  });

  it('puts variables of this browser into the arguments of a saved call', async () => {
    const page = await console.loggedIn('#/calls/discovery.get_methods?args=["{{service}}"]');
    await page.getByRole('tab', { name: 'Saved' }).click();
    const saved = page.getByRole('region', { name: 'Saved calls' });
    await saved.getByLabel('Name of the saved call').fill('methods of the service');
    await saved.getByRole('button', { name: 'Save this call' }).click();
    await saved.getByLabel('Name of the variable').fill('service');
    await saved.getByLabel('Value of the variable').fill('people');
    await saved.getByRole('button', { name: 'Set' }).click();
    await saved.getByText('service = people').waitFor();
    await page.reload();
    await page.getByRole('tab', { name: 'Saved' }).click();
    await page.getByRole('link', { name: 'methods of the service' }).click();
    const argument = page.getByRole('form', { name: 'Arguments' }).getByRole('textbox');
    await expect.poll(() => argument.inputValue()).toBe('people');
    await page.getByRole('button', { name: 'Forget the variable service' }).click();
    await page.getByRole('link', { name: 'methods of the service' }).click();
    await expect.poll(() => argument.inputValue()).toBe('{{service}}');
  });

  it('offers a line of curl that runs as it is', async () => {
    const { key } = await admin.result<{ key: string }>('account.create_api_key', {
      name: 'curl',
      username: 'rita',
    });
    const person = { name: 'ann', address: { street: "Queen's", floor: 1 }, tags: [] };
    const args = encodeURIComponent(JSON.stringify([person]));
    const page = await console.loggedIn(`#/calls/people.create?args=${args}`);
    const panel = page.getByRole('region', { name: 'The same call elsewhere' });
    await panel.getByRole('button', { name: 'curl' }).click();
    await panel.getByText('/rpc/people.create').waitFor();
    const line = (await panel.locator('pre').textContent()) ?? '';
    const { stdout } = await run('/bin/sh', ['-c', line], {
      env: { ...process.env, DISPATCHER_KEY: key },
    });
    expect(JSON.parse(stdout)).toMatchObject({ created: 'ann', address: { street: "Queen's" } });
  });

  it('aborts several tasks at once, and keeps a filter under a name', async () => {
    const ids = await Promise.all(
      ['disk:a', 'pool:p'].map((name) =>
        admin.result<number>('task.submit', 'work.wait', [name, name]),
      ),
    );
    const page = await console.loggedIn('#/tasks');
    await page.getByRole('button', { name: 'Active' }).click();
    for (const id of ids) await page.getByLabel(`Tick task ${id}`).check();
    await page.getByRole('button', { name: 'Abort 2…' }).click();
    await page.getByRole('button', { name: 'Abort them' }).click();
    for (const id of ids)
      expect(await admin.result('task.wait', id)).toMatchObject({ state: 'ABORTED' });
    await page.getByLabel('Name of the filter').fill('what runs');
    await page.getByRole('button', { name: 'Save this filter' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'what runs', exact: true }).click();
    expect(await page.getByRole('button', { name: 'Active' }).getAttribute('aria-pressed')).toBe(
      'true',
    );
  });

  it('reads little code before the first page', async () => {
    const page = await console.page();
    const sizes: number[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('.js'))
        sizes.push(Number(response.headers()['content-length'] ?? 0));
    });
    await page.goto(console.address);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('region', { name: 'Figures of the last hour' }).waitFor();
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(250_000);
  });
});
