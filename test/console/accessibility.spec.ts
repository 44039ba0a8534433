import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from './chromium.js';
import { ConsoleHarness } from './console.harness.js';
import { PEOPLE, WORK } from './console.plugins.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const PLACES = [
  'overview',
  'calls',
  'calls/people.create',
  'tasks',
  'tasks/1',
  'tasks/new?task=work.wait',
  'resources/disk:a',
  'events',
  'schemas',
  'logs',
  'docs',
  'cause',
  'settings',
  'schedules',
  'users',
  'users/roles?role=reader',
  'users/keys',
  'clients',
  'plugins',
  'files',
  'data/sessions',
  'diagnostics',
  'diagnostics/locks',
  'diagnostics/sources',
  'diagnostics/archive',
  'wire',
];

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds serious or critical, each with the place in the page. */
async function seriousOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: Violation[] }> };
    };
    return (await axe.run()).violations;
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
}

describe.skipIf(CHROMIUM === null)('axe finds nothing serious (needs chromium)', () => {
  let console: ConsoleHarness;
  beforeAll(async () => {
    console = await ConsoleHarness.start({ 'people.ts': PEOPLE, 'work.ts': WORK });
    const admin = await console.server.admin();
    await admin.result('task.submit', 'work.wait', ['axe', 'disk:a']);
    await admin.result('task.submit', 'work.wait', ['axe', 'pool:p']);
  });
  afterAll(() => console.stop());

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`on any page in the ${colorScheme} theme, wide or narrow`, async () => {
      const page = await console.page({ colorScheme });
      await page.goto(console.address);
      await page.getByRole('button', { name: 'Log in' }).waitFor();
      expect(await seriousOf(page), 'login').toEqual([]);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('navigation', { name: 'Pages' }).waitFor();
      const found: string[] = [];
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 844 });
        for (const place of PLACES) {
          await page.evaluate((hash) => (location.hash = hash), `#/${place}`);
          await page.locator('main h1, main .empty').first().waitFor({ state: 'attached' });
          const serious = await seriousOf(page);
          found.push(...serious.map((violation) => `${place} at ${width}: ${violation}`));
        }
      }
      expect(found).toEqual([]);
    });
  }

  it('in the palette, the keys and a form with errors', async () => {
    const page = await console.loggedIn('#/calls/people.create');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByText('to mend').waitFor();
    expect(await seriousOf(page), 'errors').toEqual([]);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    expect(await seriousOf(page), 'palette').toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('main').click({ position: { x: 5, y: 5 } });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await seriousOf(page), 'keys').toEqual([]);
  });
});
