import { AsyncLocalStorage } from 'node:async_hooks';

/** The name of the plugin whose code runs. */
const running = new AsyncLocalStorage<string>();

/** Runs code of a plugin: what it starts is known to be its own. */
export const inside = <T>(plugin: string, work: () => T): T => running.run(plugin, work);

/** Runs code of the shell that a plugin has called. */
export const outside = <T>(work: () => T): T => running.exit(work);

/** Whose code asks; undefined for the shell's. */
export const runningPlugin = (): string | undefined => running.getStore();
