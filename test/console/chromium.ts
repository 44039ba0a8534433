import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CANDIDATES = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
];

/** The browser of the machine; null where there is none, and then the tests say so and are skipped. */
export const CHROMIUM = CANDIDATES.find((path) => path !== '' && existsSync(path)) ?? null;

/** Flags that keep it from talking to anybody; its profile is an empty one that goes with it. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? '', headless: true, args: FLAGS });
}
