import { messageOf } from '../common/index.js';
import type { DebugHook } from '../sdk/index.js';
import { bounded } from './bounded.js';

/** How long a plugin may take; the archive does without one that takes longer. */
const TIMEOUT_MS = 10_000;

/** One file that a plugin adds to the archive for those who are asked for help. */
export interface PluginDebugFile {
  readonly plugin: string;
  readonly name: string;
  readonly content: unknown;
}

/** The functions by which plugins contribute to `management.collect_debug`. */
export class DebugHookTable {
  readonly #hooks = new Map<object, { readonly plugin: string; readonly fn: DebugHook }>();

  /** Returns what takes it back. */
  add(plugin: string, fn: DebugHook): () => void {
    const key = {};
    this.#hooks.set(key, { plugin, fn });
    return () => void this.#hooks.delete(key);
  }

  /** Asks all of them side by side. One that fails is told in a file of its own: trouble is the subject. */
  async collect(): Promise<PluginDebugFile[]> {
    const asked = [...this.#hooks.values()].map(async ({ plugin, fn }) => {
      try {
        const message = `It took longer than ${TIMEOUT_MS / 1_000} s`;
        const files = await bounded(Promise.resolve().then(fn), { timeoutMs: TIMEOUT_MS, message });
        return Object.entries(files).map(([name, content]) => ({ plugin, name, content }));
      } catch (error) {
        return [{ plugin, name: 'error.txt', content: `${messageOf(error)}\n` }];
      }
    });
    return (await Promise.all(asked)).flat();
  }
}
