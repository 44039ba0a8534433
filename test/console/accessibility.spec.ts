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
  'schemas/Nothing',
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
  'data/nothing',
  'diagnostics',
  'diagnostics/locks',
  'diagnostics/sources',
  'diagnostics/archive',
  'wire',
];

/** Where a dialog is, and what opens it. */
const DIALOGS = [
  ['users', 'New user…'],
  ['users/roles', 'New role…'],
  ['users/keys', 'New key…'],
  ['schedules', 'New schedule…'],
  ['clients', 'Message to all…'],
  ['tasks/1', 'Abort…'],
  ['plugins', 'Disable people'],
  ['overview', 'Act as another user'],
] as const;

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds moderate or worse, each with the place in the page. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: Violation[] }> };
    };
    return (await axe.run()).violations;
  });
  return violations
    .filter(({ impact }) => impact !== 'minor')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
}

describe.skipIf(CHROMIUM === null)('axe finds nothing serious or moderate (needs chromium)', () => {
  let console: ConsoleHarness;
  beforeAll(async () => {
    console = await ConsoleHarness.start({ 'people.ts': PEOPLE, 'work.ts': WORK });
    const admin = await console.server.admin();
    await admin.result('task.submit', 'work.wait', ['axe', 'disk:a']);
    await admin.result('task.submit', 'work.wait', ['axe', 'pool:p']);
  });
  afterAll(() => console.stop());

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`on any page in the ${colorScheme} theme, at any width`, async () => {
      const page = await console.page({ colorScheme });
      await page.goto(console.address);
      await page.getByRole('button', { name: 'Log in' }).waitFor();
      expect(await violationsOf(page), 'login').toEqual([]);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('navigation', { name: 'Pages' }).waitFor();
      const found: string[] = [];
      for (const width of [1440, 1024, 390]) {
        await page.setViewportSize({ width, height: 844 });
        for (const place of PLACES) {
          await page.evaluate((hash) => (location.hash = hash), `#/${place}`);
          await page.locator('main h1, main .empty').first().waitFor({ state: 'attached' });
          const violations = await violationsOf(page);
          found.push(...violations.map((violation) => `${place} at ${width}: ${violation}`));
        }
      }
      expect(found).toEqual([]);
    });
  }

  it('in the palette, the keys and a form with errors', async () => {
    const page = await console.loggedIn('#/calls/people.create');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByText('to mend').waitFor();
    expect(await violationsOf(page), 'errors').toEqual([]);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    expect(await violationsOf(page), 'palette').toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('main').click({ position: { x: 5, y: 5 } });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await violationsOf(page), 'keys').toEqual([]);
  });

  it('in any dialog, in the menu of a narrow page and in the editor of JSON', async () => {
    const page = await console.loggedIn('#/users');
    for (const [place, button] of DIALOGS) {
      await page.evaluate((hash) => (location.hash = hash), `#/${place}`);
      await page.getByRole('button', { name: button, exact: true }).first().click();
      await page.getByRole('dialog').waitFor();
      expect(await violationsOf(page), `${place} ${button}`).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await page.evaluate(() => (location.hash = '#/calls/people.create'));
    await page.getByRole('group', { name: 'View of the arguments' }).getByText('JSON').click();
    await page.locator('.cm-content').fill('[{"name": "A"}]');
    await page.locator('.cm-lintRange-error').first().waitFor();
    expect(await violationsOf(page), 'editor').toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole('button', { name: 'Menu' }).click();
    expect(await violationsOf(page), 'menu').toEqual([]);
  });
});
