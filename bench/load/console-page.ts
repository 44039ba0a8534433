import type { Browser, Page } from 'playwright-core';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
export const chromiumPath = (): string => CHROMIUM;

/** The web console in a browser, logged in, with what is measured there by the page's own clock. */
export class ConsolePage {
  private constructor(
    private readonly browser: Browser,
    private readonly page: Page,
    private readonly address: string,
  ) {}

  static async open(address: string): Promise<ConsolePage> {
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
    try {
      const page = await browser.newPage();
      await page.goto(address);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('region', { name: 'Figures of the last hour' }).waitFor();
      return new ConsolePage(browser, page, address);
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /** Bytes of JavaScript, as it is run, that were read until the first page was there. */
  scriptBytes(): Promise<number> {
    return this.#evaluate(SCRIPT_BYTES);
  }

  /** Loads the console at the list of methods: when it painted first, and when it knew all of them. */
  async loadMethods(): Promise<{ readonly firstPaintMs: number; readonly listMs: number }> {
    await this.#load('calls');
    await this.page.getByRole('option').first().waitFor();
    return {
      firstPaintMs: await this.#evaluate(FIRST_PAINT),
      listMs: await this.#evaluate(LIST_SHOWN),
    };
  }

  /** Types into the palette; how long the slowest key took to its painted answer. */
  async slowestKeyMs(typed: string): Promise<number> {
    await this.page.keyboard.press('Control+k');
    await this.page.getByRole('combobox').waitFor();
    const slowest = await this.#evaluate(slowestKey(typed));
    await this.page.keyboard.press('Escape');
    return slowest;
  }

  /** Loads the console at the table of tasks: when its first row was there. */
  async firstTaskRowMs(): Promise<number> {
    await this.#load('tasks');
    return this.#evaluate(FIRST_ROW);
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  async #load(place: string): Promise<void> {
    await this.page.goto(`${this.address}#/${place}`);
    await this.page.reload({ waitUntil: 'commit' });
  }

  async #evaluate(script: string): Promise<number> {
    return Number(await this.page.evaluate(script));
  }
}

const FIRST_PAINT = `performance.getEntriesByName('first-contentful-paint')[0].startTime`;
const LIST_SHOWN = `performance.getEntriesByName('dispatcher.offer')[0].startTime`;
const SCRIPT_BYTES = `performance.getEntriesByType('resource')
  .filter(({ name }) => name.endsWith('.js'))
  .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)`;

const FIRST_ROW = `new Promise((resolve) => {
  const look = () => {
    if (document.querySelector('main tbody tr') === null) requestAnimationFrame(look);
    else resolve(performance.now());
  };
  look();
})`;

const slowestKey = (typed: string): string => `(async () => {
  const input = document.querySelector('[role=combobox]');
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  let slowest = 0;
  for (let length = 1; length <= ${typed.length}; length += 1) {
    await painted();
    const before = performance.now();
    input.value = ${JSON.stringify(typed)}.slice(0, length);
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await painted();
    slowest = Math.max(slowest, performance.now() - before);
  }
  return slowest;
})()`;
