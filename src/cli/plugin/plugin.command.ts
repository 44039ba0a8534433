import { UsageError } from '../exit-status.js';
import type { Command, CommandContext } from '../command.js';

const PLUGIN_HELP = `Usage: dispatcherctl plugin COMMAND

Makes, checks, packs and installs plugins. Each command has its own --help.

  new NAME             makes a project of that name, with an example of each part and its tests
  check DIR            loads a plugin without a server and lists what it registers
  dev DIR              a server beside it, with the console, that reads it again on each save
  pack DIR             makes an archive of it
  install FILE|NAME    puts it into a plugin directory; rollback NAME, remove NAME, list
  disable NAME         the running server takes it away until it is enabled again; enable NAME
`;

/** By its name below `plugin`; loaded when it is asked for. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['new', async () => (await import('./new/new.command.js')).newCommand],
  ['check', async () => (await import('./check/check.command.js')).checkCommand],
  ['dev', async () => (await import('./dev/dev.command.js')).devCommand],
  ['pack', async () => (await import('./pack/pack.command.js')).packCommand],
  ['install', async () => (await import('./install/install.command.js')).installCommand],
  ['rollback', async () => (await import('./install/install.command.js')).rollbackCommand],
  ['remove', async () => (await import('./install/install.command.js')).removeCommand],
  ['enable', async () => (await import('./switch.command.js')).enableCommand],
  ['disable', async () => (await import('./switch.command.js')).disableCommand],
  ['list', async () => (await import('./install/install.command.js')).listCommand],
]);

/**
 * Runs `dispatcherctl plugin …`.
 *
 * @throws UsageError when the words are no command
 */
export async function pluginCommand(context: CommandContext): Promise<number> {
  const at = context.argv.indexOf('plugin');
  const before = context.argv.slice(0, at);
  const [name, ...words] = context.argv.slice(at + 1);
  if (name === undefined || name === '--help' || before.includes('--help')) {
    context.output.write(PLUGIN_HELP);
    return 0;
  }
  const load = COMMANDS.get(name);
  if (load === undefined) {
    throw new UsageError(`There is no command plugin ${name}\n\n${PLUGIN_HELP}`);
  }
  const command = await load();
  return command({ ...context, argv: [...before, ...words] });
}
