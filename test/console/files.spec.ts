import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from './chromium.js';
import { ConsoleHarness } from './console.harness.js';

const open = (page: Page, hash: string): Promise<unknown> =>
  page.evaluate((to) => (location.hash = to), hash);

describe.skipIf(CHROMIUM === null)('files of etcd in the console (needs chromium)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dispatcher-files-'));
  const [root, plugins] = [join(folder, 'root'), join(folder, 'plugins')];
  let console: ConsoleHarness;
  const motd = (): string => readFileSync(join(root, 'motd'), 'utf8');

  beforeAll(async () => {
    chmodSync(folder, 0o755); // those who render have to come in
    for (const path of [root, plugins]) mkdirSync(path);
    writeFileSync(join(plugins, 'motd.liquid'), 'Welcome\n');
    writeFileSync(join(plugins, 'broken.liquid'), '{{ nobody }}\n');
    const section = { root, 'plugin-dirs': [plugins], 'shipped-plugins': false };
    console = await ConsoleHarness.start(
      {},
      {},
      { etcd: { ...section, mode: 'embedded', 'render-user': 'nobody' } },
    );
  });
  afterAll(async () => {
    await console.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are planned with their differences, generated, and rolled back after a question', async () => {
    const page = await console.loggedIn('#/files');
    const row = page.getByRole('row').filter({ hasText: 'motd' });
    await row.getByText('clean').waitFor();
    const broken = page.getByRole('row').filter({ hasText: 'broken' });
    await broken.getByText(/nobody/).waitFor();

    writeFileSync(join(plugins, 'motd.liquid'), 'Welcome, stranger\n');
    const admin = await console.server.admin();
    await admin.result('etcd.management.pause');
    await page.getByRole('button', { name: 'Read templates again' }).click();
    await page.getByRole('button', { name: 'Plan', exact: true, disabled: false }).waitFor();
    await page.getByRole('button', { name: 'Plan', exact: true }).click();
    const plan = page.getByRole('region', { name: 'What would change' });
    await plan.locator('.added', { hasText: '+Welcome, stranger' }).waitFor();
    await plan.locator('.removed', { hasText: '-Welcome' }).waitFor();
    await admin.result('etcd.management.resume');

    await open(page, '#/files/motd');
    await page.getByRole('button', { name: 'Generate', exact: true }).click();
    await expect.poll(motd).toContain('Welcome, stranger\n');
    const history = page.getByRole('region', { name: 'Contents that it had' });
    const show = history.getByRole('button', { name: /^Show content/ }).first();
    await show.click();
    await history.getByText('Welcome', { exact: false }).first().waitFor();
    await history
      .getByRole('button', { name: /^Roll back to/ })
      .first()
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave it' }).click();
    expect(motd()).toContain('Welcome, stranger\n');
    await history
      .getByRole('button', { name: /^Roll back to/ })
      .first()
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await expect.poll(motd).toMatch(/Welcome\n$/);
  });

  it('that somebody else changed are shown as drifted, and written again', async () => {
    const page = await console.loggedIn('#/files/motd');
    const admin = await console.server.admin();
    await admin.result('etcd.generation.generate_file', 'motd');
    const before = motd();
    writeFileSync(join(root, 'motd'), 'by hand\n');
    await open(page, '#/files');
    await page.getByRole('button', { name: 'Compare with the disk' }).click();
    const row = page.getByRole('row').filter({ hasText: 'motd' });
    await row.getByText('drifted').waitFor();
    await page.getByRole('button', { name: 'Drifted' }).click();
    await row.getByRole('link', { name: 'motd' }).click();
    await page.getByText(/The disk has something else/).waitFor();
    await page.getByRole('button', { name: 'Write it again' }).click();
    await expect.poll(motd).toBe(before);
    await page.locator('h1 + .tag').getByText('clean').waitFor();
  });
});
