import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { messageOf } from '../../../common/index.js';
import { UsageError } from '../../exit-status.js';
import { printable } from '../../output/index.js';
import { withSession } from '../../session/index.js';
import { pluginFolder } from '../plugin-folder.js';
import type { PluginInvocation } from '../plugin-invocation.js';
import { DevServer } from './dev-server.js';
import { watchSources } from './watch-sources.js';

/** Resolves when it is interrupted, or the server ends. @throws UsageError; Error when none starts */
export async function devCommand({ operands, options, io }: PluginInvocation): Promise<number> {
  const { output } = io;
  const plugin = await pluginFolder(operands[0] ?? '');
  const scratch = await mkdtemp(join(tmpdir(), 'dispatcher-dev-'));
  const links = join(scratch, 'plugins');
  await mkdir(links);
  await symlink(plugin.directory, join(links, plugin.name));
  const file = join(scratch, 'middleware.conf');
  const pluginDirs = options.all('plugin-dir').map((path) => resolve(path));
  const dispatcher = {
    'websocket-address': '127.0.0.1',
    'websocket-port': portOf(options.text('port')),
    'frontend-port': portOf(options.text('console-port')),
    'plugin-dirs': [links, ...pluginDirs],
  };
  await writeFile(file, JSON.stringify({ dispatcher }));
  const kept = options.text('state');
  const state = kept === null ? join(scratch, 'state') : resolve(kept);
  try {
    const server = await DevServer.start(file, state);
    try {
      output.write(`Clients connect to ${server.url}\nConsole: ${server.consoleUrl}\n`);
      const reload = async (): Promise<void> => {
        try {
          const local = options.with([
            ['url', server.url],
            ['user', 'root'],
          ]);
          await withSession({ options: local, io }, ({ call }) =>
            call('management.reload_plugins', [[plugin.name]]),
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

function portOf(text: string | null): number {
  if (text === null) return 0;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UsageError(`${JSON.stringify(text)} is no port`);
}

const time = (): string => new Date().toTimeString().slice(0, 8);
