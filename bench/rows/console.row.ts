import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { median } from '../measure/statistics.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import type { Row, RowContext, RowResult } from './row.js';
import { startAll, stopAll } from './started.js';

const METHODS = 1_000;
const SERVICES = 20;
const PAINT_TARGET_MS = 1_000;
const KEY_TARGET_MS = 50;
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
/** Typed into the palette key by key: nothing, some and one of the methods answer. */
const TYPED = 'service13.method_49';

/** The web console over a server with a thousand methods: how soon it is there, how quick its search is. */
export const consoleRow: Row = {
  name: 'console',
  async run(context) {
    if (!existsSync(CHROMIUM)) return results([`There is no browser at ${CHROMIUM}`]);
    const plugins = mkdtempSync(join(tmpdir(), 'dispatcher-bench-plugins-'));
    writeFileSync(join(plugins, 'many.ts'), manyMethods());
    const port = await freePort();
    const config = {
      frontend: true,
      'frontend-port': port,
      'plugin-dirs': [plugins],
      'shipped-plugins': false,
    };
    const product = dispatcher({ entry: context.options.server, config });
    const { started, notes } = await startAll([product]);
    try {
      if (started.length === 0) return results(notes);
      return results(notes, await measure(`http://127.0.0.1:${port}/`, context));
    } finally {
      await stopAll(started);
      rmSync(plugins, { recursive: true, force: true });
    }
  },
};

interface Measured {
  readonly firstPaintMs: readonly number[];
  readonly listMs: readonly number[];
  /** Of each round, its slowest key. */
  readonly keyMs: readonly number[];
}

async function measure(address: string, { options, progress }: RowContext): Promise<Measured> {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(address);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await page.goto(`${address}#/calls`);
    const [firstPaintMs, listMs, keyMs]: [number[], number[], number[]] = [[], [], []];
    for (let round = 1; round <= options.rounds; round += 1) {
      progress(`console, round ${round} of ${options.rounds}`);
      await page.reload();
      await page.getByRole('option').first().waitFor();
      firstPaintMs.push(await evaluated(page, FIRST_PAINT));
      listMs.push(await evaluated(page, LIST_SHOWN));
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').waitFor();
      keyMs.push(await evaluated(page, SLOWEST_KEY));
      await page.keyboard.press('Escape');
    }
    return { firstPaintMs, listMs, keyMs };
  } finally {
    await browser.close();
  }
}

async function evaluated(page: Page, script: string): Promise<number> {
  return Number(await page.evaluate(script));
}

// Run in the page, by its own clock.
const FIRST_PAINT = `performance.getEntriesByName('first-contentful-paint')[0].startTime`;
const LIST_SHOWN = `performance.getEntriesByName('dispatcher.offer')[0].startTime`;
const SLOWEST_KEY = `(async () => {
  const input = document.querySelector('[role=combobox]');
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  let slowest = 0;
  for (let length = 1; length <= ${TYPED.length}; length += 1) {
    await painted();
    const before = performance.now();
    input.value = ${JSON.stringify(TYPED)}.slice(0, length);
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await painted();
    slowest = Math.max(slowest, performance.now() - before);
  }
  return slowest;
})()`;

function results(notes: readonly string[], measured?: Measured): readonly RowResult[] {
  const work = `web console over ${METHODS.toLocaleString('en')} methods`;
  if (measured === undefined) return [{ row: 'console', work, lines: [], notes }];
  const [firstPaint, list, key] = [
    median(measured.firstPaintMs),
    median(measured.listMs),
    median(measured.keyMs),
  ];
  return [
    {
      row: 'console',
      work: `${work}, loading`,
      lines: [
        { subject: 'first paint', value: firstPaint, unit: 'ms' },
        { subject: 'all methods', value: list, unit: 'ms' },
      ],
      notes,
      goal: {
        figure: 'ms to the first paint',
        target: PAINT_TARGET_MS,
        better: 'lower',
        achieved: firstPaint,
      },
    },
    {
      row: 'console',
      work: `${work}, search in the palette`,
      lines: [{ subject: 'slowest key', value: key, unit: 'ms' }],
      notes: ['from the key to the painted answer, up to 17 ms of it the wait for the next frame'],
      goal: { figure: 'ms a key', target: KEY_TARGET_MS, better: 'lower', achieved: key },
    },
  ];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function manyMethods(): string {
  const services = Array.from({ length: SERVICES }, (_, service) => {
    const methods = Array.from(
      { length: METHODS / SERVICES },
      (_, n) => `
  @description('Method ${n} of the service') @accepts(Thing, Number) @returns(Thing)
  method_${n}(thing: Thing, n: number): Thing { return thing; }`,
    );
    return `
@description('Service ${service}') @provider('service${service}')
export class Service${service} extends Provider {${methods.join('')}
}`;
  });
  const names = Array.from({ length: SERVICES }, (_, service) => `Service${service}`);
  return `import { accepts, description, Plugin, Provider, provider, returns } from 'dispatcher';
import { IsInt, IsString } from 'class-validator';
export class Thing { @IsString() name!: string; @IsInt() size!: number; }
${services.join('\n')}
@Plugin({ schemas: [Thing], providers: [${names.join(', ')}] }) export default class {}
`;
}
