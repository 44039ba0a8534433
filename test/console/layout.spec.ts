import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from './chromium.js';
import { ConsoleHarness } from './console.harness.js';
import { WORK } from './console.plugins.js';
import { BROKEN, MAIL, SHELF } from './operator.plugins.js';

const BINARY = `
import { accepts, h, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('blobs') export class BlobProvider extends Provider {
  @accepts(h.object({ name: h.string(), content: h.binary() }), h.array(h.binary())) @returns(h.any())
  put(blob: object) { return blob; }
  @accepts(h.object({ bucket: h.string(), size: h.integer(), tags: h.array(h.string()) })) @returns(h.any())
  make(wanted: object) { return wanted; }
}
@Plugin({ providers: [BlobProvider] }) export default class {}
`;

const PLACES = [
  ...['overview', 'calls', 'calls/blobs.put', 'tasks', 'tasks/1', 'tasks/new?task=work.wait'],
  ...['events', 'logs', 'cause/1', 'settings', 'schedules', 'users', 'users/roles?role=reader'],
  ...['users/keys', 'clients', 'plugins', 'files', 'data/sessions', 'schemas', 'docs', 'wire'],
  ...['diagnostics', 'diagnostics/locks', 'diagnostics/sources', 'diagnostics/archive'],
];

/** Sizes in CSS pixels: a window of 1440 by 900 at 200 % has half of each. */
const SIZES = [
  ['a wide window', { viewport: { width: 1440, height: 900 } }],
  ['a wide window at 200 %', { viewport: { width: 720, height: 450 }, deviceScaleFactor: 2 }],
  ['a phone', { viewport: { width: 390, height: 844 } }],
] as const;

describe.skipIf(CHROMIUM === null)('the layout of the console (needs chromium)', () => {
  let console: ConsoleHarness;
  beforeAll(async () => {
    console = await ConsoleHarness.start({
      'blobs.ts': BINARY,
      'work.ts': WORK,
      'mail.ts': MAIL,
      'shelf.ts': SHELF,
      'broken.ts': BROKEN,
    });
    const admin = await console.server.admin();
    await admin.result('task.submit', 'work.wait', ['layout', 'disk:a']);
    await admin.result('task.submit', 'work.wait', ['layout', 'pool:p']);
    await admin.result('task.submit', 'work.regret', ['everything']);
  });
  afterAll(() => console.stop());

  for (const [size, options] of SIZES) {
    it(`cuts nothing off and never scrolls as a whole in ${size}`, async () => {
      const page = await console.page(options);
      await page.goto(console.address);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.locator('main h1').waitFor();
      const found: string[] = [];
      for (const place of PLACES) {
        await page.evaluate((hash) => (location.hash = hash), `#/${place}`);
        await page.locator('main h1, main .empty').first().waitFor({ state: 'attached' });
        await expect.poll(() => page.getByRole('status', { name: 'Loading' }).count()).toBe(0);
        const cut = await page.evaluate(() => {
          const root = document.documentElement;
          const isWhole = root.scrollWidth <= innerWidth && root.scrollHeight <= innerHeight;
          const parts = [...document.querySelectorAll('main, main .panel, main .page-head')];
          return [
            ...(isWhole ? [] : [`the page is ${root.scrollWidth} by ${root.scrollHeight}`]),
            ...parts
              .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1)
              .map(({ className, scrollWidth }) => `${className} is ${scrollWidth} wide`),
          ];
        });
        found.push(...cut.map((what) => `${place}: ${what}`));
      }
      expect(found).toEqual([]);
    });
  }

  it.each([
    ['side by side where there is room', 1280, 1],
    ['below each other on a phone', 390, 2],
  ])('has fields of one line %s', async (_, width, rows) => {
    const page = await console.loggedIn('#/calls/blobs.make');
    await page.setViewportSize({ width, height: 900 });
    const topOf = async (name: string): Promise<number | undefined> =>
      (await page.getByRole('textbox', { name, exact: true }).boundingBox())?.y;
    await page.getByRole('textbox', { name: 'bucket', exact: true }).waitFor();
    expect(new Set([await topOf('bucket'), await topOf('size')]).size).toBe(rows);
    const tags = await page.getByRole('group', { name: 'tags' }).boundingBox();
    const form = await page.locator('.nest').first().boundingBox();
    expect(tags?.width).toBeGreaterThan((form?.width ?? 0) * 0.9); // a list takes the whole width
  });

  it('has its last page and the way out within reach at 200 %', async () => {
    const page = await console.loggedIn('#/overview', {
      viewport: { width: 720, height: 450 },
      deviceScaleFactor: 2,
    });
    for (const part of [
      page.getByRole('link', { name: 'Wire' }),
      page.getByRole('button', { name: 'Log out' }),
    ]) {
      await part.scrollIntoViewIfNeeded();
      const box = await part.boundingBox();
      expect((box?.y ?? -1) + (box?.height ?? 0)).toBeLessThanOrEqual(450);
      expect(box?.y).toBeGreaterThanOrEqual(0);
    }
  });
});
