import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../../common/index.js';
import type { CommandContext } from '../../command.js';
import { EXIT, UsageError } from '../../exit-status.js';
import { printable } from '../check/describe-check.js';
import { onServer } from '../on-server.js';
import { pluginFolder } from '../plugin-folder.js';
import { DevServer } from './dev-server.js';
import { watchSources } from './watch-sources.js';

const DEV_HELP = `Usage: dispatcherctl plugin dev DIR [--port PORT] [--console-port PORT] [--state FOLDER]

Runs a server for this machine alone with the plugin and the console, and reads the plugin again whenever
a file of it is saved. What does not load is told, and the code before it goes on. ^C ends all.

  --port PORT           for clients (default: a free one)
  --console-port PORT   for the console (default: a free one)
  --state FOLDER        what the server remembers (default: one that is removed at the end)
  --plugin-dir FOLDER   where plugins are that it depends on, besides the shipped ones
`;
const OPTIONS = {
  port: { type: 'string' },
  'console-port': { type: 'string' },
  state: { type: 'string' },
  'plugin-dir': { type: 'string', multiple: true },
  help: { type: 'boolean' },
} as const;

/** Resolves when it is interrupted, or the server ends. @throws UsageError; Error when none starts */
export async function devCommand(context: CommandContext): Promise<number> {
  const { output } = context;
  const { values, positionals } = parseArgs({
    args: [...context.argv],
    allowPositionals: true,
    options: OPTIONS,
  });
  if (values.help === true) {
    output.write(DEV_HELP);
    return EXIT.done;
  }
  if (positionals.length !== 1) throw new UsageError(`Which folder?\n\n${DEV_HELP}`);
  const plugin = await pluginFolder(positionals[0] ?? '');
  const scratch = await mkdtemp(join(tmpdir(), 'dispatcher-dev-'));
  const links = join(scratch, 'plugins');
  await mkdir(links);
  await symlink(plugin.directory, join(links, plugin.name));
  const file = join(scratch, 'middleware.conf');
  const pluginDirs = (values['plugin-dir'] ?? []).map((path) => resolve(path));
  const dispatcher = {
    'websocket-address': '127.0.0.1',
    'websocket-port': portOf(values.port),
    'frontend-port': portOf(values['console-port']),
    'plugin-dirs': [links, ...pluginDirs],
  };
  await writeFile(file, JSON.stringify({ dispatcher }));
  const state = values.state === undefined ? join(scratch, 'state') : resolve(values.state);
  try {
    const server = await DevServer.start(file, state);
    try {
      output.write(`Clients connect to ${server.url}\nConsole: ${server.consoleUrl}\n`);
      const reload = async (): Promise<void> => {
        try {
          await onServer({ ...context, defaultUrl: server.url }, { user: 'root' }, (session) =>
            session.call('management.reload_plugins', [[plugin.name]]),
          );
          output.write(`${time()} ${plugin.name} is loaded\n`);
        } catch (error) {
          output.write(`${time()} ${printable(messageOf(error))}. The code before goes on\n`);
        }
      };
      const stopWatching = watchSources(plugin.directory, reload);
      output.write(`Watching ${plugin.directory}; ^C ends\n`);
      try {
        return await server.ended();
      } finally {
        stopWatching();
      }
    } finally {
      await server.stop();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function portOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UsageError(`${JSON.stringify(text)} is no port`);
}

const time = (): string => new Date().toTimeString().slice(0, 8);
