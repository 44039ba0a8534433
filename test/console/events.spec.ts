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
    for (let round = 0; round < 5; round += 1) await admin.result('tick.emit', 'flood', 2_000);
    await page.getByText(/5000 of \d+/).waitFor();
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
});
