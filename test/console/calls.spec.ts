import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from './chromium.js';
import { ConsoleHarness } from './console.harness.js';
import { growing, HOSTILE, PEOPLE } from './console.plugins.js';

/** Presses Tab until the control of that name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
    if (focused.trim() === name) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never came to "${name}"`);
}

describe.skipIf(CHROMIUM === null)('calls in the console (needs chromium)', () => {
  let console: ConsoleHarness;
  beforeAll(async () => {
    console = await ConsoleHarness.start({
      'people.ts': PEOPLE,
      'hostile.ts': HOSTILE,
      'growing.ts': growing('first'),
    });
  });
  afterAll(() => console.stop());

  it('are made by keyboard alone: palette, nested form, an error mended at its field, the link in a new page', async () => {
    const page = await console.page();
    await page.goto(console.address);
    await page.getByLabel('User').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();

    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type('peoplecr');
    await page.getByRole('option', { name: 'people.create' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'people.create' }).waitFor();

    await tabTo(page, 'name');
    await page.keyboard.type('Ann');
    await page.getByText('name must match the pattern ^[a-z]+$').waitFor();
    await tabTo(page, 'street');
    await page.keyboard.type('High Street');
    await tabTo(page, 'floor');
    await page.keyboard.type('12');
    await page.keyboard.press('Tab');
    await tabTo(page, '+ add to tags');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await tabTo(page, 'tags 1');
    await page.keyboard.type('friend');
    await page.keyboard.press('Control+Enter');

    // nothing was sent; the first wrong field has the focus
    await page.getByText('2 to mend').waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'name');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('taken');
    await tabTo(page, 'floor');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('3');
    await page.keyboard.press('Control+Enter');

    // the server's own word, at the field
    await page.getByText('name is taken').waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'name');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('ann');
    await page.keyboard.press('Control+Enter');
    const answer = page.getByRole('region', { name: 'Answer' });
    await answer.getByText('done').waitFor();
    expect(await answer.textContent()).toContain('created: "ann"');

    await page.waitForFunction(() => location.hash.includes('ann'));
    const other = await console.loggedIn(new URL(page.url()).hash);
    expect(await other.getByLabel('street', { exact: true }).inputValue()).toBe('High Street');
    expect(await other.getByLabel('tags 1', { exact: true }).inputValue()).toBe('friend');
  });

  it('show form and JSON as two views of one value', async () => {
    const page = await console.loggedIn('#/calls/people.create');
    const view = page.getByRole('group', { name: 'View of the arguments' });
    await page.getByLabel('name', { exact: true }).fill('bob');
    await view.getByText('JSON').click();
    const text = page.getByLabel('Arguments as JSON');
    await expect.poll(() => text.textContent()).toContain('"name": "bob"');
    await text.fill(
      '[{"name": "eve", "address": {"street": "s", "floor": 1}, "tags": ["t"], "surplus": 1}]',
    );
    await page.getByText('is not a known property').waitFor();
    await view.getByText('Form').click();
    expect(await page.getByLabel('name', { exact: true }).inputValue()).toBe('eve');
    await page.getByText('surplus is not a known property').waitFor();
  });

  it('keep passwords out of the address, the history and the copied text', async () => {
    const page = await console.loggedIn('#/calls/people.create');
    await page.getByRole('button', { name: 'Example' }).click();
    await page.getByRole('button', { name: '+ secret' }).click();
    await page.getByLabel('secret', { exact: true }).fill('hunter2');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByRole('region', { name: 'History' }).getByRole('button').waitFor();
    await page.getByRole('tab', { name: 'Code' }).click();
    await page.waitForFunction(() => location.hash.includes('password'));
    for (const form of ['Client', 'CLI', 'Frame']) {
      const panel = page.getByRole('region', { name: 'The same call elsewhere' });
      await panel.getByRole('button', { name: form, exact: true }).click();
      expect(await panel.locator('pre').textContent()).not.toContain('hunter2');
    }
    const kept = await page.evaluate(() =>
      [
        location.href,
        document.cookie,
        Object.entries(sessionStorage),
        Object.entries(localStorage),
      ].join(),
    );
    expect(kept).not.toContain('hunter2');
  });

  it('of a stream arrive live and can be stopped', async () => {
    const page = await console.loggedIn('#/calls/people.count?args=[100]');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    const answer = page.getByRole('region', { name: 'Answer' });
    await answer.getByText('2: 3').waitFor();
    await answer.getByText('running').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await answer.getByText('stopped').waitFor();
  });

  it('show a result of ten megabytes and stay quick', async () => {
    const page = await console.loggedIn('#/calls/people.big');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    const answer = page.getByRole('region', { name: 'Answer' });
    await answer.getByText('59900 more').waitFor();
    expect(await page.locator('.tree li').count()).toBeLessThan(1_000);
    await answer.getByRole('button', { name: 'JSON' }).click();
    await answer.getByText('The first 100 thousand characters').waitFor();
  });

  it('of a new method appear when the plugin is reloaded, without reloading the page', async () => {
    const page = await console.loggedIn('#/calls');
    await page.getByLabel('Filter calls').fill('growing');
    await page.getByRole('option', { name: 'first' }).waitFor();
    await page.evaluate(() => Object.assign(globalThis, { stillTheSamePage: true }));
    await console.server.write({ 'growing.ts': growing('second') });
    await page.evaluate(() => (location.hash = '#/plugins'));
    await page.getByRole('button', { name: 'Reload growing' }).click();
    await page.evaluate(() => (location.hash = '#/calls/growing.second'));
    await page.getByRole('heading', { name: 'growing.second' }).waitFor();
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('region', { name: 'Answer' }).getByText('"second"').waitFor();
    expect(await page.evaluate(() => 'stillTheSamePage' in globalThis)).toBe(true);
  });

  it('of a hostile plugin show its markup as text, everywhere', async () => {
    const page = await console.loggedIn('#/calls/hostile.markup?args=["<b>bold</b>"]');
    await page.getByRole('tab', { name: 'Returns' }).click();
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('region', { name: 'Answer' }).getByText('done').waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('hostile');
    await page.keyboard.press('Escape');
    for (const place of ['schemas/Endless', 'events', 'overview']) {
      await page.evaluate((hash) => (location.hash = hash), `#/${place}`);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
    }
    expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false);
    expect(await page.locator('main img, main script, main b').count()).toBe(0);
  });

  it('whose pattern never ends leave the page alive, and the decision to the server', async () => {
    const page = await console.loggedIn('#/calls/hostile.bomb');
    await page.getByRole('textbox', { name: 'text' }).fill('a'.repeat(60));
    await page.getByText('the check takes too long here').waitFor();
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByText('must match the pattern').first().waitFor();
  });

  it('offer ten thousand options by search, and endless schemas on demand', async () => {
    const page = await console.loggedIn('#/calls/hostile.choose');
    await page.getByPlaceholder('Search 10000 options').fill('option 9999');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('region', { name: 'Answer' }).getByText('"option 9999"').waitFor();
    await page.evaluate(() => (location.hash = '#/calls/hostile.endless'));
    await page.getByRole('heading', { name: 'hostile.endless' }).waitFor();
    await page.getByRole('button', { name: '+ next' }).click();
    await page.getByRole('button', { name: '+ next' }).click();
    expect(await page.getByRole('group', { name: 'next', exact: true }).count()).toBe(2);
  });

  it('of a long form are answered in view, with the focus where it was', async () => {
    const page = await console.loggedIn('#/calls/people.long');
    const send = page.getByRole('button', { name: 'Call', exact: true });
    await page.getByRole('button', { name: 'Example' }).click();
    await send.click();
    const answer = page.getByRole('region', { name: 'Answer' });
    await answer.getByText('done').waitFor();
    const boxes = await Promise.all([send.boundingBox(), answer.boundingBox()]);
    for (const box of boxes) {
      expect(box?.y).toBeGreaterThanOrEqual(0);
      expect(box?.y).toBeLessThan(900);
    }
    expect(await page.evaluate(() => document.activeElement?.textContent.trim())).toBe('Call');
  });

  it('opened by the palette have the focus in the first field', async () => {
    const page = await console.loggedIn('#/overview');
    for (const [words, field] of [
      ['people.create', 'name'],
      ['hostile.markup', 'text'],
    ] as const) {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill(words);
      await page.getByRole('option', { name: words }).waitFor();
      await page.keyboard.press('Enter');
      await page.waitForFunction(
        (name) => document.activeElement?.getAttribute('aria-label') === name,
        field,
      );
      await page.keyboard.type('a b');
      expect(await page.getByLabel(field, { exact: true }).inputValue()).toBe('a b');
    }
  });

  it('tell a screen reader what is wrong, where it is and on which page', async () => {
    const page = await console.loggedIn('#/calls/people.create');
    const name = page.getByLabel('name', { exact: true });
    expect(await name.getAttribute('aria-errormessage')).toBeNull();
    await name.fill('ANN');
    await page.getByText('name must match the pattern').waitFor();
    const said = await name.evaluate((field) =>
      ['aria-errormessage', 'aria-describedby'].map(
        (attribute) => document.getElementById(field.getAttribute(attribute) ?? '')?.textContent,
      ),
    );
    for (const text of said) expect(text).toContain('name must match the pattern');
    expect(await page.title()).toBe('people.create – Calls – dispatcher');
    await page.evaluate(() => (location.hash = '#/logs'));
    await expect.poll(() => page.title()).toBe('Logs – dispatcher');
    await page.reload();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Skip to the page' }).waitFor();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('of a stream leave the focus on what began it', async () => {
    const page = await console.loggedIn('#/calls/people.count?args=[100]');
    const send = page.getByRole('button', { name: 'Call', exact: true });
    await send.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Answer' }).getByText('running').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent.trim())).toBe('Call');
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Answer' }).getByText('stopped').waitFor();
  });

  it('of the past put no old answer beside other arguments', async () => {
    const page = await console.loggedIn('#/calls/hostile.markup?args=["one"]');
    const send = page.getByRole('button', { name: 'Call', exact: true });
    const answer = page.getByRole('region', { name: 'Answer' });
    await send.click();
    await answer.getByText('"one"').waitFor();
    await page.getByLabel('text', { exact: true }).fill('two');
    await send.click();
    await answer.getByText('"two"').waitFor();
    await page.getByRole('tab', { name: 'History' }).click();
    const history = page.getByRole('region', { name: 'History' });
    await history.getByRole('button', { name: '"one"' }).click();
    await answer.getByText('Call the method to see what it answers.').waitFor();
    expect(await page.getByLabel('text', { exact: true }).inputValue()).toBe('one');
  });

  it('that end the server are asked about, and doing nothing is what Enter does', async () => {
    const page = await console.loggedIn('#/calls/management.shutdown');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Call management.shutdown?' });
    await dialog.waitFor();
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    const admin = await console.server.admin();
    expect(await admin.result('management.ping')).toBe('pong');
  });
});
