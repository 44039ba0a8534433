import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { CHROMIUM } from './chromium.js';
import { ConsoleHarness } from './console.harness.js';
import { WORK } from './console.plugins.js';
import { BROKEN, MAIL, manySettings, SHELF } from './operator.plugins.js';

const open = (page: Page, hash: string): Promise<unknown> =>
  page.evaluate((to) => (location.hash = to), hash);

describe.skipIf(CHROMIUM === null)('what an operator does in the console (needs chromium)', () => {
  let console: ConsoleHarness;
  let admin: PlainClient;
  beforeAll(async () => {
    const many = Object.fromEntries(
      [1, 2, 3, 4, 5].map((n) => [`many${n}.ts`, manySettings(n)] as const),
    );
    console = await ConsoleHarness.start({
      ...many,
      'work.ts': WORK,
      'mail.ts': MAIL,
      'shelf.ts': SHELF,
      'broken.ts': BROKEN,
    });
    admin = await console.server.admin();
  });
  afterAll(() => console.stop());

  const mailSettings = (): Promise<Record<string, unknown>> => admin.result('settings.get', 'mail');

  it('changes settings, with the server’s refusal at the field, and goes back to the default', async () => {
    const page = await console.loggedIn('#/settings');
    await page.getByLabel('Filter settings').fill('mail');
    const port = page.getByRole('textbox', { name: 'mail.port', exact: true });
    await port.fill('99999');
    await page.getByRole('textbox', { name: 'mail.server', exact: true }).fill('mx.example');
    await page.getByRole('button', { name: 'Save 2' }).click();
    await page
      .getByText(/mail\.port .*65535/)
      .first()
      .waitFor();
    expect(await port.getAttribute('aria-invalid')).toBe('true');
    expect(await mailSettings()).toMatchObject({ 'mail.port': 25, 'mail.server': 'localhost' });
    await port.fill('587');
    await page.getByRole('button', { name: 'Save 2' }).click();
    await page.getByRole('button', { name: 'Reset mail.port' }).waitFor();
    expect(await mailSettings()).toMatchObject({ 'mail.port': 587, 'mail.server': 'mx.example' });
    await page.getByRole('button', { name: 'Reset mail.port' }).click();
    await expect.poll(async () => (await mailSettings())['mail.port']).toBe(25);
    await expect.poll(() => port.inputValue()).toBe('25');
  });

  it('sets a password that nobody is shown, neither here nor in the frames', async () => {
    const page = await console.loggedIn('#/settings');
    await page.getByLabel('Filter settings').fill('mail.password');
    const group = page.getByRole('group', { name: 'mail.password', exact: true });
    const field = group.locator('input[type="password"]');
    if ((await field.count()) === 0) await group.getByRole('button').first().click();
    await field.fill('hunter2');
    await page.getByRole('button', { name: 'Save 1' }).click();
    await page.getByText('Is set, and shown to nobody').waitFor();
    expect(await admin.result('mail.secret')).toBe('hunter2');
    await open(page, '#/wire');
    await page.getByLabel('Filter frames').fill('settings.set');
    await page.getByRole('option').first().waitFor();
    await page.getByLabel('Filter frames').fill('hunter2');
    await page.getByText('No frame matches.').waitFor();
  });

  it('finds one of five hundred settings at once, and keeps what was typed while it looks elsewhere', async () => {
    const page = await console.loggedIn('#/settings');
    await page
      .getByText(/^5\d\d$/)
      .first()
      .waitFor();
    await page.getByLabel('Filter settings').fill('many4 field_77');
    const field = page.getByRole('textbox', { name: 'many4.field_77' });
    await field.fill('4');
    await page.getByRole('button', { name: 'Save 1' }).waitFor();
    await open(page, '#/overview');
    await page.getByRole('region', { name: 'Figures of the last hour' }).waitFor();
    await open(page, '#/settings');
    await page.getByRole('button', { name: 'Undo all' }).click();
    await page.getByLabel('Filter settings').fill('many4 field_77');
    expect(await field.inputValue()).toBe('77');
  });

  it('makes a user, a role and a key that is shown once, and sees what the role opens', async () => {
    const page = await console.loggedIn('#/users');
    await page.getByRole('button', { name: 'New user…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('username', { exact: true }).fill('a:b');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText(/username must match the pattern/).waitFor();
    await dialog.getByLabel('username', { exact: true }).fill('nora');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('row', { name: /^nora none/ }).waitFor();
    await page.getByRole('button', { name: 'Lock nora' }).click();
    await page.getByRole('row', { name: /^nora .*locked/ }).waitFor();
    await page.getByRole('button', { name: 'Unlock nora' }).click();
    await page.getByRole('button', { name: 'Lock nora', exact: true }).waitFor();

    await page.getByRole('button', { name: 'Roles' }).click();
    await page.getByRole('button', { name: 'New role…' }).click();
    await dialog.getByLabel('name', { exact: true }).fill('mover');
    await dialog.getByRole('button', { name: '+ add to methods' }).click();
    await dialog.getByRole('textbox', { name: /methods/ }).fill('gate.*');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('link', { name: 'mover' }).click();
    const rights = page.getByRole('region', { name: 'What mover may do' });
    await rights.getByRole('link', { name: 'gate.open' }).waitFor();
    expect(await rights.getByRole('link', { name: 'settings.set' }).count()).toBe(0);

    await page.getByRole('button', { name: 'API keys' }).click();
    await page.getByRole('button', { name: 'New key…' }).click();
    await dialog.getByLabel('name', { exact: true }).fill('nightly');
    await dialog.getByRole('button', { name: '+ username' }).click();
    await dialog.getByRole('textbox', { name: 'username' }).fill('nora');
    await dialog.getByRole('button', { name: 'Create' }).click();
    const key = (await page.getByLabel('The key', { exact: true }).textContent()) ?? '';
    expect(key.trim().length).toBeGreaterThan(20);
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('row', { name: /^nightly nora/ }).waitFor();
    expect(await page.content()).not.toContain(key.trim());
    await page.getByRole('button', { name: 'Revoke nightly' }).click();
    await page.getByRole('button', { name: 'Revoke the key' }).click();
    await page.getByText('No key was made yet.').waitFor();

    await page.getByRole('button', { name: 'Users', exact: true }).click();
    await page.getByRole('button', { name: 'Delete nora' }).click();
    await page.getByRole('button', { name: 'Delete the user' }).click();
    await page.getByText('No user was made yet.').waitFor();
    expect(await admin.result('account.query')).toEqual([]);
  });

  it('kicks a client that asks for it, tells another something, and finds both logins', async () => {
    const client = await console.server.admin();
    const id = await client.result<number>('session.get_my_session_id');
    client.send('events', 'subscribe', 's', ['session.message']);
    const page = await console.loggedIn('#/clients');
    await page.getByRole('button', { name: `Message to session ${id}` }).click();
    await page.getByRole('dialog').getByLabel('message', { exact: true }).fill('coffee?');
    await page.getByRole('button', { name: 'Send' }).click();
    await client.find(({ args }) => JSON.stringify(args).includes('coffee?'));
    await page.getByRole('button', { name: `Kick session ${id}` }).click();
    await page.getByRole('button', { name: 'Log it out' }).click();
    await page.getByRole('button', { name: `Kick session ${id}` }).waitFor({ state: 'detached' });
    const logins = page.getByRole('region', { name: 'Logins' });
    await logins.getByRole('row', { name: new RegExp(`^${id} root`) }).waitFor();
  });

  it('sees why a plugin does not run, and turns one off and on', async () => {
    const page = await console.loggedIn('#/plugins');
    const broken = page.getByRole('article', { name: 'broken' });
    await broken.getByText('nothing-of-that-name', { exact: true }).waitFor();
    const mail = page.getByRole('article', { name: 'mail', exact: true });
    await mail.getByText('2.1.0', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Disable mail' }).click();
    await page.getByRole('button', { name: 'Disable the plugin' }).click();
    await mail.getByText('disabled').waitFor();
    await page.getByRole('button', { name: 'Enable mail' }).click();
    await mail.getByText('loaded').waitFor();
    await console.server.write({ 'mail.ts': 'this is no TypeScript(' });
    await page.getByRole('button', { name: 'Reload mail' }).click();
    await mail.getByText('the code of before').waitFor();
    await console.server.write({ 'mail.ts': MAIL });
    await page.getByRole('button', { name: 'Reload mail' }).click();
    await mail.getByText('the code of before').waitFor({ state: 'detached' });
  });

  it('looks at rows, asks for some, and opens one of a megabyte', async () => {
    const page = await console.loggedIn('#/data/books');
    const rows = page.getByRole('region', { name: 'Rows' });
    await rows.getByText('121', { exact: true }).waitFor();
    await page.getByLabel('Field').fill('lender.name');
    await page.getByLabel('Value').fill('Bob');
    await page.getByRole('button', { name: 'Add' }).click();
    await rows.getByText('60 match').waitFor();
    expect(await page.content()).not.toContain('hunter2');
    await page.getByRole('button', { name: 'Remove lender.name = Bob' }).click();
    await page.getByLabel('Field').fill('pages');
    await page.getByLabel('Value').fill('5');
    await page.getByRole('button', { name: 'Add' }).click();
    await rows.getByRole('link', { name: '999' }).click();
    const row = page.getByRole('region', { name: 'Row', exact: true });
    await row.getByText(/1000002 characters/).waitFor();
    await page.getByLabel('Field').fill('lender.password');
    await page.getByLabel('Value').fill('x');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('alert').getByText('holds a secret').waitFor();
    await open(page, '#/data/users');
    await page.getByRole('link', { name: 'account.query' }).waitFor();
  });

  it('schedules a task, sees its next times, pauses it, runs it now and takes it away', async () => {
    const page = await console.loggedIn('#/schedules');
    await page.getByRole('button', { name: 'New schedule…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('name', { exact: true }).fill('nightly');
    await dialog.getByLabel('task', { exact: true }).fill('work.regret');
    await dialog.getByLabel('cron', { exact: true }).fill('61 * * * *');
    await dialog.getByRole('status').getByText(/61/).waitFor();
    await dialog.getByLabel('cron', { exact: true }).fill('30 2 * * *');
    await expect
      .poll(() => dialog.getByRole('list', { name: 'Next times' }).getByRole('listitem').count())
      .toBe(5);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByRole('alert').waitFor(); // its task takes an argument
    await dialog.getByRole('button', { name: '+ add to args' }).click();
    await dialog.getByRole('textbox', { name: /args/ }).last().fill('"cake"');
    await dialog.getByRole('button', { name: 'Create' }).click();
    const row = page.getByRole('row', { name: /^nightly/ });
    await row.getByText('30 2 * * *').waitFor();
    await page.getByRole('button', { name: 'Pause nightly' }).click();
    await row.getByText('paused').waitFor();
    await page.getByRole('button', { name: 'Go on with nightly' }).click();
    await row.getByText('paused').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Run nightly now' }).click();
    await page.getByText('Regrets cake').waitFor();
    await open(page, '#/schedules');
    await row.getByText(/task \d+, failed/).waitFor();
    await page.getByRole('button', { name: 'Delete nightly' }).click();
    await page.getByRole('button', { name: 'Delete the schedule' }).click();
    await page.getByText('Nothing is scheduled.').waitFor();
  });

  it('is told what etcd would show, where there is none', async () => {
    const page = await console.loggedIn('#/files');
    await page.getByText('etcd is not connected.').waitFor();
    await page.getByText('dispatcher-etcd').waitFor();
  });
});
