import type { WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from './chromium.js';
import { ConsoleHarness, PageLine } from './console.harness.js';
import { PEOPLE } from './console.plugins.js';

describe.skipIf(CHROMIUM === null)("the console's connection (needs chromium)", () => {
  let console: ConsoleHarness;
  beforeAll(async () => {
    console = await ConsoleHarness.start({ 'people.ts': PEOPLE });
  });
  afterAll(() => console.stop());

  it('keeps its token in the storage of the window, and nothing anywhere else', async () => {
    const page = await console.loggedIn();
    const { session, local, cookie } = await page.evaluate(() => ({
      session: Object.keys(sessionStorage),
      local: Object.keys(localStorage),
      cookie: document.cookie,
    }));
    expect(session).toContain('dispatcher.token');
    expect(local).toEqual(['dispatcher.theme']);
    expect(cookie).toBe('');
    await page.reload();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await page.evaluate(() => sessionStorage.getItem('dispatcher.token'))).toBeNull();
  });

  it('says why a login was refused, and lets one try again', async () => {
    const page = await console.page();
    await page.goto(console.address);
    await page.getByLabel('User').fill('nobody-of-that-name');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').getByText('Incorrect username or password').waitFor();
    await page.getByLabel('User').fill('root');
    await page.getByLabel('Password').fill('');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
  });

  it('that ends by a logout asks for a login over the page, and nothing typed is lost', async () => {
    const page = await console.loggedIn('#/calls/people.create');
    await page.getByLabel('street', { exact: true }).fill('Half a stre');
    await page.evaluate(() => Object.assign(globalThis, { stillTheSamePage: true }));
    const admin = await console.server.admin();
    const clients = await admin.result<{ session_id: number; resource: string | null }[]>(
      'management.get_connected_clients',
    );
    for (const { session_id: id, resource } of clients) {
      if (resource === 'console') await admin.result('management.kick_session', id);
    }
    const dialog = page.getByRole('dialog', { name: 'Log in to go on' });
    await dialog.getByText('Kicked out').waitFor();
    await dialog.getByRole('button', { name: 'Log in' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByLabel('street', { exact: true }).inputValue()).toBe('Half a stre');
    expect(await page.evaluate(() => 'stillTheSamePage' in globalThis)).toBe(true);
    await page.getByLabel('name', { exact: true }).fill('ann');
    await page.getByLabel('floor', { exact: true }).fill('1');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('region', { name: 'Answer' }).getByText('done').waitFor();
  });

  it('that is lost shows itself and comes back by itself, again and again', async () => {
    const page = await console.page();
    const line = await PageLine.of(page);
    await page.goto(`${console.address}/#/calls/people.create`);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByLabel('street', { exact: true }).fill('kept');
    for (let round = 0; round < 3; round += 1) {
      await line.cut();
      await page.getByText('Connection lost').waitFor();
      expect(await page.getByRole('button', { name: 'Call', exact: true }).isDisabled()).toBe(true);
      line.mend();
      await page.getByText('Connection lost').waitFor({ state: 'detached' });
      expect(await page.getByRole('button', { name: 'Call', exact: true }).isEnabled()).toBe(true);
    }
    expect(await page.getByLabel('street', { exact: true }).inputValue()).toBe('kept');
  });

  it('that is lost while the methods are read again leaves those on the page that were there', async () => {
    const page = await console.page();
    let goes: 'on' | 'lost at the methods' | 'nowhere' = 'on';
    let current: WebSocketRoute | null = null;
    await page.routeWebSocket(/\/socket$/, (socket) => {
      if (goes === 'nowhere') return void socket.close();
      current = socket;
      const server = socket.connectToServer();
      socket.onMessage((message) => {
        if (goes === 'on' || !String(message).includes('discovery.get_methods')) {
          server.send(message);
          return;
        }
        goes = 'nowhere';
        void socket.close();
      });
    });
    await page.goto(`${console.address}/#/calls/people.create`);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByLabel('street', { exact: true }).fill('kept');
    goes = 'lost at the methods';
    await current!.close();
    await expect.poll(() => goes, { timeout: 15_000 }).toBe('nowhere');
    await page.getByText('Connection lost').waitFor();
    expect(await page.getByLabel('street', { exact: true }).inputValue()).toBe('kept');
    expect(await page.getByRole('button', { name: 'Call', exact: true }).isDisabled()).toBe(true);
  });
});
