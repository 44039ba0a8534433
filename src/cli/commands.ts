import type { Command } from './command.js';

/** Each is loaded when it is asked for: a call waits for no code but its own. */
export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  [
    'plugin',
    async () => {
      const { pluginCommand } = await import('./plugin/plugin.command.js');
      return pluginCommand;
    },
  ],
]);
