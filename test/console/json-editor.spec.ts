import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from './chromium.js';
import { ConsoleHarness } from './console.harness.js';
import { PEOPLE } from './console.plugins.js';

const SHARES = `
import { accepts, h, Plugin, Provider, provider, returns } from 'dispatcher';
const Share = h.object({
  name: h.string({ description: 'How clients see it' }),
  protocol: h.enumOf(['nfs', 'smb', 'webdav']),
  size: h.optional(h.integer({ maximum: 9 })),
});
@provider('shares') export class SharesProvider extends Provider {
  @accepts(Share) @returns(h.any()) create(share: object) { return share; }
  @accepts(h.any()) @returns(h.any()) raw(value: unknown) { return { value }; }
}
@Plugin({ providers: [SharesProvider] }) export default class {}
`;

async function openJson(page: Page) {
  await page.getByRole('group', { name: 'View of the arguments' }).getByText('JSON').click();
  const editor = page.getByRole('textbox', { name: 'Arguments as JSON' });
  await page.locator('.cm-content').waitFor();
  return editor;
}

describe.skipIf(CHROMIUM === null)('the editor of JSON in the console (needs chromium)', () => {
  let console: ConsoleHarness;
  beforeAll(async () => {
    console = await ConsoleHarness.start({ 'shares.ts': SHARES, 'people.ts': PEOPLE });
  });
  afterAll(() => console.stop());

  it('offers the names and values of the schema, and a call is written by keyboard alone', async () => {
    const page = await console.loggedIn('#/calls/shares.create');
    const editor = await openJson(page);
    await editor.press('Control+a');
    await page.keyboard.press('Delete');
    await page.keyboard.type('[{');
    await page.keyboard.press('Control+Space');
    const offered = page.locator('.cm-tooltip-autocomplete').getByRole('option');
    await expect.poll(() => offered.allTextContents()).toHaveLength(3);
    expect(await offered.first().textContent()).toContain('name');
    await page.keyboard.type('pro');
    await expect.poll(() => offered.allTextContents()).toHaveLength(1);
    await page.keyboard.press('Tab');
    // the values of the property are offered at once
    await expect.poll(() => offered.allTextContents()).toHaveLength(3);
    await page.keyboard.type('sm');
    await expect.poll(() => offered.allTextContents()).toHaveLength(1);
    await page.keyboard.press('Enter');
    await page.keyboard.type(', "name": "home');
    await page.keyboard.press('Control+Enter');
    const answer = page.getByRole('region', { name: 'Answer' });
    await answer.getByText('done').waitFor();
    expect(await editor.textContent()).toBe('[{"protocol": "smb", "name": "home"}]');
    await answer.getByText('"smb"').waitFor();
  });

  it('marks what the schema forbids where it stands, and text that is no JSON', async () => {
    const page = await console.loggedIn('#/calls/shares.create');
    const editor = await openJson(page);
    const marks = page.locator('.cm-lintRange-error');
    await editor.fill('[{"name": "a", "protocol": "ftp", "size": 10}]');
    await expect.poll(() => marks.allTextContents()).toEqual(['"protocol": "ftp"', '"size": 10']);
    expect(await editor.getAttribute('aria-invalid')).toBe('true');
    await page.getByText('must be one of: nfs, smb, webdav').waitFor();
    await editor.fill('[{"name": "a",, "protocol": "nfs"}]');
    await expect.poll(() => marks.allTextContents()).toEqual([',']);
    await editor.fill('[{"name": "a", "protocol": "nfs"}]');
    await expect.poll(() => marks.count()).toBe(0);
    expect(await editor.getAttribute('aria-invalid')).toBe('false');
  });

  it('is left by Esc and Tab, says so, and keeps the keys of the page to itself', async () => {
    const page = await console.loggedIn('#/calls/shares.create');
    const editor = await openJson(page);
    await editor.press('Control+End');
    await page.keyboard.type('g?/');
    expect(page.url()).toContain('shares.create');
    expect(await page.getByRole('dialog').count()).toBe(0);
    const hint = await editor.evaluate((element) => {
      const root = element.getRootNode() as ShadowRoot;
      return root.getElementById(element.getAttribute('aria-describedby') ?? '')?.textContent;
    });
    expect(hint).toContain('Esc, then Tab leaves it');
    const isInside = () =>
      page.evaluate(() => document.activeElement?.classList.contains('json-editor'));
    await page.keyboard.press('Tab');
    expect(await isInside()).toBe(true);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    expect(await isInside()).toBe(false);
  });

  it('follows what fills the form from elsewhere', async () => {
    const page = await console.loggedIn('#/calls/shares.create');
    const editor = await openJson(page);
    await editor.fill('[{"name": "mine"');
    await page.getByRole('button', { name: 'Example' }).click();
    await expect.poll(() => editor.textContent()).toContain('"protocol": "nfs"');
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => editor.textContent()).not.toContain('"protocol": "nfs"');
  });

  it('stays a plain box where its code cannot be read', async () => {
    const page = await console.loggedIn('#/overview');
    await page.route('**/open-editor-*.js', (route) =>
      route.fulfill({ body: "throw new Error('gone')", contentType: 'text/javascript' }),
    );
    await page.evaluate(() => (location.hash = '#/calls/shares.raw'));
    const box = page.locator('textarea.area');
    await box.fill('{"plain": true}');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('region', { name: 'Answer' }).getByText('plain').waitFor();
    expect(await page.locator('.cm-content').count()).toBe(0);
  });

  it('serves filters of the data page, groups within groups included', async () => {
    const page = await console.loggedIn('#/data/sessions');
    await page.getByRole('group', { name: 'Filter by' }).getByText('JSON').click();
    const editor = page.getByRole('textbox', { name: 'Filter' });
    await page.locator('.cm-content').waitFor();
    await editor.press('Control+a');
    await page.keyboard.press('Delete');
    await page.keyboard.type('[["or", [["id", "');
    const offered = page.locator('.cm-tooltip-autocomplete').getByRole('option');
    await expect.poll(() => offered.allTextContents()).toContain('">="one of 12');
    await page.keyboard.press('Escape');
    await editor.fill('[["or", [["id", "=", -1], ["id", "~~", -2]]]]');
    const form = page.getByRole('form', { name: 'Filter as JSON' });
    await form.getByText('must').first().waitFor();
    expect(await form.getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true);
    await editor.fill('[["or", [["id", "=", -1], ["id", "=", -2]]]]');
    await form.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('No row matches.').waitFor();
  });
});
