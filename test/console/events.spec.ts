import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from './chromium.js';
import { ConsoleHarness } from './console.harness.js';
import { TICKS } from './console.plugins.js';

describe.skipIf(CHROMIUM === null)('events and logs in the console (needs chromium)', () => {
  let console: ConsoleHarness;
  beforeAll(async () => {
    console = await ConsoleHarness.start({ 'ticks.ts': TICKS });
  });
  afterAll(() => console.stop());

  it('are watched by mask, paused, filtered and opened', async () => {
    const page = await console.loggedIn('#/events');
    const admin = await console.server.admin();
    await page.getByLabel('Add a mask').fill('tick.*');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('No event yet that matches tick.*').waitFor();
    await admin.result('tick.emit', 'apple', 2);
    const rows = page.getByRole('listbox', { name: 'Events' }).getByRole('option');
    await expect.poll(() => rows.count()).toBe(2);

    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Pause' }).click();
    await admin.result('tick.emit', 'pear', 3);
    await page.getByText('Paused; 2 of').waitFor();
    expect(await rows.count()).toBe(2);
    await page.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => rows.count()).toBe(5);

    await page.getByLabel('Filter events').fill('pear');
    await expect.poll(() => rows.count()).toBe(3);
    await rows.first().click();
    await page.getByRole('region', { name: 'Opened event' }).getByText('word: "pear"').waitFor();
    expect(page.url()).toContain('tick.*');
  });

  it('come thousands a second and the page stays usable', async () => {
    const page = await console.loggedIn('#/events?masks=tick.*');
    const admin = await console.server.admin();
    const full = page.getByText(/5000 of \d+/);
    const flood = async (): Promise<boolean> => {
      await admin.result('tick.emit', 'flood', 2_000);
      return full.isVisible();
    };
    // those of before the page had subscribed are none of its
    await expect.poll(flood, { timeout: 30_000 }).toBe(true);
    expect(await page.getByRole('option').count()).toBeLessThan(200);
    await page.getByLabel('Filter events').fill('nothing at all');
    await page.getByText('Nothing that was seen matches').waitFor();
  });

  it('of the log are followed live, by level and component', async () => {
    const page = await console.loggedIn('#/logs');
    await page
      .getByRole('option', { name: /Plugin initialized/ })
      .first()
      .waitFor();
    await page.getByLabel('Least level to show').selectOption('error');
    await page.getByText('No line matches.').waitFor();
    await console.server.write({ 'broken.ts': 'this is no plugin' });
    const admin = await console.server.admin();
    await admin.call('management.reload_plugins');
    await page
      .getByRole('option', { name: /failed/ })
      .first()
      .click();
    await page.getByRole('region', { name: 'Opened line' }).waitFor();
    await console.server.remove('broken.ts');
  });

  it('are published by a form of their type, and the server has the last word', async () => {
    const page = await console.loggedIn('#/events?masks=tick.*');
    await page.getByRole('button', { name: 'Publish…' }).click();
    const form = page.getByRole('region', { name: 'Publish an event' });
    const type = form.getByLabel('Event', { exact: true });
    await type.fill('tick.counted');
    await form.getByText('Something was counted').waitFor();
    await form.getByLabel('n', { exact: true }).fill('wrong');
    await form.getByRole('button', { name: 'Publish' }).click();
    await form
      .getByText(/n is no number|must be|not a number/)
      .first()
      .waitFor();
    await form.getByLabel('n', { exact: true }).fill('7');
    await form.getByRole('button', { name: 'Publish' }).click();
    await form.getByText('The server took tick.counted.').waitFor();
    await page.getByRole('listbox', { name: 'Events' }).getByRole('option').first().waitFor();
    await type.fill('server.fake');
    await form.getByRole('button', { name: 'Publish' }).click();
    await form.getByRole('alert').getByText('EPERM 1').waitFor();
  });

  it('of the log with a stack are readable, and are copied whole', async () => {
    await console.server.write({
      'thrower.ts': `
import { accepts, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('thrower') class Thrower extends Provider {
  @accepts() @returns(null) go(): never { throw new TypeError('deep trouble'); }
}
@Plugin({ providers: [Thrower] }) export default class {}`,
    });
    const admin = await console.server.admin();
    await admin.call('management.reload_plugins');
    await admin.call('thrower.go');
    const page = await console.loggedIn('#/logs');
    await page.getByLabel('Filter log lines').fill('deep trouble');
    await page.getByRole('listbox', { name: 'Log lines' }).getByRole('option').first().click();
    const opened = page.getByRole('region', { name: 'Opened line' });
    const stack = opened.locator('pre', { hasText: 'thrower.ts' });
    expect((await stack.first().textContent())?.split('\n').length).toBeGreaterThan(1);
    await opened.getByRole('button', { name: 'Copy' }).click();
    await opened.getByText('Copied').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain('deep trouble\n    at ');
    await console.server.remove('thrower.ts');
  });
});
