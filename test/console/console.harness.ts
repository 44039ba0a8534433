import type { Browser, BrowserContextOptions, Page, WebSocketRoute } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { type PluginFiles, PluginServer } from '../contract/plugin-server.js';
import type { ServerSettings } from '../support/server-process.js';
import { launchChromium } from './chromium.js';

/** A server with its console, a browser, and pages that must not complain. */
export class ConsoleHarness {
  private constructor(
    readonly server: PluginServer,
    readonly browser: Browser,
    readonly address: string,
  ) {}

  static async start(
    files: PluginFiles,
    dispatcher: Readonly<Record<string, unknown>> = {},
    others: Omit<ServerSettings, 'dispatcher'> = {},
  ): Promise<ConsoleHarness> {
    const server = await PluginServer.start(files, {
      ...others,
      dispatcher: { frontend: true, ...dispatcher },
    });
    const address = /debug mode: (\S+?)\)/.exec(server.process.readyLine)?.[1] ?? '';
    return new ConsoleHarness(server, await launchChromium(), address);
  }

  /**
   * A page of a new, empty profile. When the test ends: it has written no error to its console, no
   * script has failed, and nothing was asked of any other machine.
   */
  async page(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width: 1440, height: 900 },
      ...options,
    });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: this.address });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    context.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== this.address && protocol !== 'blob:')
        complaints.push(`asked ${request.url()}`);
    });
    onTestFinished(async () => {
      await context.close();
      expect(complaints).toEqual([]);
    });
    return page;
  }

  /** A page that is logged in, at a place of the console. */
  async loggedIn(place = '', options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.page(options);
    await page.goto(`${this.address}/${place}`);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor({ state: 'attached' });
    return page;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
  }
}

/** A page's connection to its server, for a test to cut and to let come back. Made before the page is opened. */
export class PageLine {
  #isDown = false;
  #current: WebSocketRoute | null = null;

  static async of(page: Page): Promise<PageLine> {
    const line = new PageLine();
    await page.routeWebSocket(/\/socket$/, (socket) => {
      if (line.#isDown) return void socket.close();
      line.#current = socket;
      socket.connectToServer();
    });
    return line;
  }

  /** Until it is mended, no connection comes about. */
  async cut(): Promise<void> {
    this.#isDown = true;
    await this.#current!.close();
  }

  mend(): void {
    this.#isDown = false;
  }
}
