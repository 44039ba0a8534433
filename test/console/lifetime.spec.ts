import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CHROMIUM } from './chromium.js';
import { ConsoleHarness, PageLine } from './console.harness.js';
import { TICKS } from './console.plugins.js';

const LIFETIME_S = 20;
/** Of these there are two a second. */
const BEATS = (3 * LIFETIME_S + 5) * 2;

const HEART = `
import { accepts, EventSource, eventSource, Plugin, returns, Task, task } from 'dispatcher';
let n = 0;
@eventSource('heart.beat') export class Heart extends EventSource {
  async run(signal: AbortSignal) {
    while (!signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      n += 1;
      this.dispatcher.emitEvent('heart.beat', { n });
      this.logger.info('beat number ' + n + ' of the heart');
    }
  }
}
@task('heart.pump', { executor: 'inline' }) @accepts() @returns(null) export class Pump extends Task {
  describe() { return 'Pumps'; }
  verify() { return []; }
  async run() {
    while (!this.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      this.setProgress(n % 100, 'after beat ' + n);
    }
    return null;
  }
  abort() { return true; }
}
@Plugin({ providers: [Heart, Pump] }) export default class {}
`;

/** The number in the newest of the rows that say it. */
async function newest(page: Page, words: RegExp): Promise<number> {
  const text = (await page.locator('main').textContent()) ?? '';
  const numbers = [...text.matchAll(new RegExp(words, 'g'))].map(([, number]) => Number(number));
  return Math.max(0, ...numbers);
}

/** Nothing of the page runs until it is woken, as in a machine that was closed; what comes for it waits. */
async function putToSleep(page: Page): Promise<() => Promise<unknown>> {
  const browser = await page.context().newCDPSession(page);
  await browser.send('Debugger.enable');
  const isAsleep = new Promise((resolve) => browser.once('Debugger.paused', resolve));
  await browser.send('Debugger.pause');
  await isAsleep;
  return () => browser.send('Debugger.disable');
}

describe.skipIf(CHROMIUM === null)('a login in the console (needs chromium)', () => {
  let console: ConsoleHarness;
  beforeAll(async () => {
    console = await ConsoleHarness.start(
      { 'heart.ts': HEART, 'ticks.ts': TICKS },
      { 'token-lifetime': LIFETIME_S, limits: { 'event-journal-events': 100 } },
    );
  });
  afterAll(() => console.stop());

  it(
    'outlives three lifetimes of its token while somebody only watches',
    { timeout: 150_000 },
    async () => {
      const admin = await console.server.admin();
      const task = await admin.result<number>('task.submit', 'heart.pump', []);
      const idle = await console.server.admin();
      idle.send('events', 'subscribe', null, ['heart.*']);
      const asleep = await console.loggedIn('#/events?masks=heart.beat');
      await expect.poll(() => newest(asleep, /"n":(\d+)/)).toBeGreaterThan(0);
      const wake = await putToSleep(asleep);
      const pages = [
        [await console.loggedIn('#/events?masks=heart.beat'), /"n":(\d+)/],
        [await console.loggedIn('#/logs'), /beat number (\d+) of the heart/],
        [await console.loggedIn(`#/tasks/${task}`), /after beat (\d+)/],
      ] as const;
      for (const [page, words] of pages) {
        await expect
          .poll(() => newest(page, words), { timeout: 90_000, interval: 500 })
          .toBeGreaterThan(BEATS);
        expect(await page.getByRole('button', { name: 'Log in' }).count()).toBe(0);
      }
      // a page that slept for as long has to log in, and then goes on and says what it lacks
      await wake();
      const dialog = asleep.getByRole('dialog', { name: 'Log in to go on' });
      await dialog.getByRole('button', { name: 'Log in' }).click();
      await asleep.getByText(/Some events from before .* are missing here/).waitFor();
      await expect.poll(() => newest(asleep, /"n":(\d+)/)).toBeGreaterThan(BEATS);
      // whoever says nothing at all is logged out: the lifetime is what it should be
      await expect.poll(() => idle.socket.readyState).toBe(WebSocket.CLOSED);
    },
  );

  it('is still there when a page comes back that has slept, and no event is lost', async () => {
    const page = await console.loggedIn('#/events?masks=tick.seen');
    await page.getByText('No event yet').waitFor();
    const admin = await console.server.admin();
    await admin.result('tick.emit', 'before', 1);
    await page.getByText('"before"').first().waitFor();
    const wake = await putToSleep(page);
    await admin.result('tick.emit', 'asleep', 50);
    await wake();
    await page.getByText('51 of 51').waitFor();
    expect(await page.getByRole('button', { name: 'Log in' }).count()).toBe(0);
  });

  it('tells of a gap when a page was away for longer than events are kept', async () => {
    const page = await console.page();
    const line = await PageLine.of(page);
    await page.goto(`${console.address}/#/events?masks=tick.seen`);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('No event yet').waitFor();
    const admin = await console.server.admin();
    await admin.result('tick.emit', 'before', 1);
    await page.getByText('"before"').first().waitFor();
    await line.cut();
    await page.getByText('Connection lost').waitFor();
    await admin.result('tick.emit', 'meanwhile', 500);
    line.mend();
    await page.getByText(/Some events from before .* are missing here/).waitFor();
    await page.getByRole('button', { name: 'Understood' }).click();
    await page.getByText(/are missing here/).waitFor({ state: 'detached' });
  });
});
