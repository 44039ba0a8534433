import { parseArgs } from 'node:util';
import type { CommandContext } from '../command.js';
import { EXIT, UsageError } from '../exit-status.js';
import { onServer } from './on-server.js';

const SWITCH_HELP = `Usage: dispatcherctl [--url URL] [--user NAME] plugin enable|disable NAME

Tells the running server to take a plugin away, with those that depend on it, or to let it run again. It
remembers that over restarts. NAME is one of management.get_plugins; the shipped ones have names, too.
`;
const OPTIONS = {
  url: { type: 'string' },
  user: { type: 'string' },
  help: { type: 'boolean' },
} as const;

export const enableCommand = (context: CommandContext): Promise<number> =>
  run(context, { method: 'enable_plugin', done: 'is enabled', others: 'Runs again, too' });
export const disableCommand = (context: CommandContext): Promise<number> =>
  run(context, {
    method: 'disable_plugin',
    done: 'is disabled',
    others: 'Runs no more without it',
  });

interface Switch {
  readonly method: string;
  readonly done: string;
  readonly others: string;
}

async function run(context: CommandContext, { method, done, others }: Switch): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...context.argv],
    allowPositionals: true,
    options: OPTIONS,
  });
  if (values.help === true) {
    context.output.write(SWITCH_HELP);
    return EXIT.done;
  }
  const [name] = positionals;
  if (name === undefined || positionals.length > 1) {
    throw new UsageError(`Which plugin?\n\n${SWITCH_HELP}`);
  }
  const names = (await onServer(context, values, (session) =>
    session.call(`management.${method}`, [name]),
  )) as readonly string[];
  context.output.write(`${name} ${done}\n`);
  if (names.length > 0) context.output.write(`${others}: ${names.join(', ')}\n`);
  return EXIT.done;
}
