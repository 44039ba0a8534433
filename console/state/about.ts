import { computed, effect, signal } from '@preact/signals';
import type { ABOUT } from '../../src/wire/index.js';
import { call, epoch, isReady } from '../connection/session.js';
import type { Shown } from './shown.js';

/** Which server this is; null until it has said so, and with one that does not. */
export const about = signal<Shown<typeof ABOUT> | null>(null);

/** Asked at each login; called once. */
export function followAbout(): void {
  effect(() => {
    if (!isReady.value || epoch.value === 0) return;
    call<Shown<typeof ABOUT>>('management.about').then(
      (answer) => (about.value = answer),
      () => (about.value = null),
    );
  });
}

/** Where calls over HTTP go; null where none are taken. */
export const httpAddress = computed(() => {
  if (about.value?.['http-calls'] !== true) return null;
  const address = about.value.addresses.find((one) => /^wss?:/.test(one));
  return address === undefined ? null : address.replace(/^ws/, 'http').replace(/\/socket$/, '');
});
