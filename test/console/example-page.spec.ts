import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FlakyProxy } from '../support/flaky-proxy.js';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';
import { CHROMIUM, launchChromium } from './chromium.js';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const TYPES = new Map([
  ['.html', 'text/html'],
  ['.js', 'text/javascript'],
]);

let folder: string;
let site: Server;
let server: ServerProcess;
let proxy: FlakyProxy;
let browser: Browser;

/** What any web server would do with a folder. */
function serve(directory: string): Server {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = join(directory, pathname === '/' ? 'index.html' : pathname);
    readFile(file).then(
      (body) => response.setHeader('content-type', TYPES.get(extname(file)) ?? '').end(body),
      () => response.writeHead(404).end(),
    );
  }).listen(0, '127.0.0.1');
}

const originOf = (of: Server): string => `http://127.0.0.1:${(of.address() as AddressInfo).port}`;

describe.skipIf(CHROMIUM === null)('the example of a page (needs Chromium)', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dispatcher-page-'));
    const outDir = join(folder, 'page');
    const root = join(EXAMPLES, 'client-in-a-page');
    await build({
      root,
      configFile: false,
      logLevel: 'warn',
      build: { outDir, emptyOutDir: true },
    });
    site = serve(outDir);
    await symlink(join(EXAMPLES, 'nas'), join(folder, 'nas'));
    server = await ServerProcess.start({
      dispatcher: {
        'plugin-dirs': [folder],
        'shipped-plugins': false,
        'allowed-origins': [originOf(site)],
      },
    });
    proxy = await FlakyProxy.before(server.url);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await proxy.close();
    await server.stop();
    site.close();
    await rm(folder, { recursive: true });
  });

  it('logs in, makes a share, hears of others, and comes back after a lost connection', async () => {
    const client = await PlainClient.loggedIn(server.url);
    await client.result('settings.set', { 'nas.root': join(folder, 'shares') });
    const page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${originOf(site)}/?server=${encodeURIComponent(proxy.url)}`);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByLabel('Name').fill('photos');
    await page.getByRole('button', { name: 'Make a share' }).click();
    await page.getByText('photos: not measured').waitFor();
    await page.getByRole('button', { name: 'Make a share' }).click();
    await page.getByText('There is a share photos already').waitFor();

    const make = async (name: string): Promise<void> => {
      const id = await client.result('task.submit', 'nas.share.create', [{ name }]);
      expect(await client.result('task.wait', id)).toMatchObject({ state: 'FINISHED' });
    };
    await make('music');
    await page.getByText('music: not measured').waitFor();
    proxy.cutAfter(0);
    await make('films');
    proxy.cutAfter(Infinity);
    await page.getByText('films: not measured').waitFor();
    expect(await page.getByRole('listitem').allTextContents()).toEqual([
      'films: not measured',
      'music: not measured',
      'photos: not measured',
    ]);
    await page.reload();
    await page.getByText('films: not measured').waitFor(); // by the token that it kept
    await client.close();
  });
});
