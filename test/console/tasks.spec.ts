import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from './chromium.js';
import { ConsoleHarness } from './console.harness.js';
import { WORK } from './console.plugins.js';

describe.skipIf(CHROMIUM === null)('tasks in the console (needs chromium)', () => {
  let console: ConsoleHarness;
  beforeAll(async () => {
    console = await ConsoleHarness.start({ 'work.ts': WORK });
  });
  afterAll(() => console.stop());

  it('are planned, submitted, watched, explained and aborted', async () => {
    const page = await console.loggedIn('#/tasks/new?task=work.wait');
    await page.getByLabel('argument 1', { exact: true }).fill('one');
    await page.getByLabel('argument 2', { exact: true }).fill('pool:p');
    await page.getByRole('button', { name: 'Plan' }).click();
    await page.getByRole('region', { name: 'Plan' }).getByText('Waits at the gate one').waitFor();
    await page.getByRole('region', { name: 'Plan' }).getByText('pool:p').waitFor();
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.getByText('executing', { exact: true }).waitFor();
    await page.getByText('40 % at the gate').waitFor();
    const first = page.url();

    // another one, that wants what the first holds
    await page.evaluate(() => (location.hash = '#/tasks/new?task=work.wait&args=["two","disk:a"]'));
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.getByText('waiting', { exact: true }).waitFor();
    const reasons = page.getByRole('list', { name: 'Why it waits' });
    await reasons.getByText('holds').waitFor();
    expect(await reasons.textContent()).toContain('disk:a → pool:p');

    // what is held and waited for, in the graph
    const second = page.url();
    await page.evaluate(() => (location.hash = '#/resources'));
    await page.getByRole('button', { name: /^pool:p held by task \d+/ }).click();
    await page.getByRole('region', { name: 'Chosen resource' }).getByText('exclusive').waitFor();
    await page.getByRole('button', { name: /^disk:a .*1 waiting/ }).waitFor();

    await page.evaluate((hash) => (location.hash = hash), new URL(second).hash);
    await page.getByRole('button', { name: 'Abort…' }).click();
    await page.getByRole('button', { name: 'Abort the task' }).click();
    await page.getByText('aborted', { exact: true }).waitFor();

    // the first one ends, and its page sees it
    await page.evaluate((hash) => (location.hash = hash), new URL(first).hash);
    const admin = await console.server.admin();
    await admin.result('gate.open', 'one');
    await page.getByRole('region', { name: 'Result' }).getByText('"through one"').waitFor();
  });

  it('are listed live, sorted and filtered', async () => {
    const page = await console.loggedIn('#/tasks');
    const admin = await console.server.admin();
    const id = await admin.result<number>('task.submit', 'work.wait', ['live', 'system']);
    const row = page.getByRole('row', { name: new RegExp(`^Tick task ${id} `) });
    await row.getByText('executing').waitFor();
    await row.getByText('40 % at the gate').waitFor();
    await admin.result('gate.open', 'live');
    await row.getByText('finished').waitFor();
    await page.getByRole('button', { name: 'Active' }).click();
    await row.waitFor({ state: 'detached' });
    await page.getByLabel('Filter by task name').fill('nothing of that name');
    await page.getByText('Nothing matches.').waitFor();
    await page.getByRole('button', { name: 'Show all tasks' }).click();
    await row.getByText('finished').waitFor();
  });

  it('are listed with when they were submitted, by whom, how many, and why one waits', async () => {
    const page = await console.loggedIn('#/tasks');
    const admin = await console.server.admin();
    const held = await admin.result<number>('task.submit', 'work.wait', ['holder', 'disk:a']);
    const waits = await admin.result<number>('task.submit', 'work.wait', ['waiter', 'disk:a']);
    const row = page.getByRole('row', { name: new RegExp(`^Tick task ${waits} `) });
    await row.getByText(`task ${held} holds disk:a`).waitFor();
    expect(await row.locator('time').getAttribute('datetime')).toMatch(/^20\d\d-.*Z$/);
    const counted = async (): Promise<number> => {
      const [value, unit] = ((await row.getByText(/ waiting$/).textContent()) ?? '').split(' ');
      return Number(value) * (unit === 'ms' ? 0.001 : 1);
    };
    const before = await counted();
    await expect.poll(counted).toBeGreaterThan(before);
    await page.getByText(/^\d+ in all$/).waitFor();
    await page.getByLabel('Filter by user').fill('nobody-of-that-name');
    await page.getByText('Nothing matches.').waitFor();
    await page.getByLabel('Filter by user').fill('root');
    await row.waitFor();
    await admin.result('gate.open', 'holder');
    await admin.result('task.wait', held);
    await row.getByText('executing').waitFor();
    await admin.result('gate.open', 'waiter');
  });

  it('that failed say why by name, with their rollback and each part', async () => {
    const admin = await console.server.admin();
    const id = await admin.result<number>('task.submit', 'work.regret', ['cake']);
    expect(await admin.result('task.wait', id)).toMatchObject({ state: 'FAILED' });
    const page = await console.loggedIn(`#/tasks/${id}`);
    const alert = page.getByRole('alert');
    expect(await alert.textContent()).toContain('ENOSPC 28');
    const stages = page.getByRole('list', { name: 'Stages' });
    await stages.getByText('Roll back').waitFor();
    const took = await stages.getByRole('listitem').filter({ hasText: 'Roll back' }).textContent();
    expect(took).toMatch(/Roll back\d/);
    const part = page.getByRole('region', { name: 'Subtasks' }).getByRole('row');
    await part.getByText('Refuses cake').waitFor();
    await part.getByText('ENOSPC: No room for cake').waitFor();
    await part.getByRole('link').click();
    await page.getByText('2 more warnings').waitFor();
    expect(await page.getByText('warning 5').isVisible()).toBe(false);
  });

  it('are not aborted by Enter on what asks', async () => {
    const admin = await console.server.admin();
    const id = await admin.result<number>('task.submit', 'work.wait', ['kept', 'system']);
    const page = await console.loggedIn(`#/tasks/${id}`);
    await page.getByRole('button', { name: 'Abort…' }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('executing', { exact: true }).waitFor();
    await admin.result('gate.open', 'kept');
  });
});
