import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pluginDirectories } from '../plugin-host/plugin-directories.js';
import { RecordingLogger } from '../testing/index.js';
import type { PluginRow } from '../wire/index.js';
import type { PluginReport } from './plugin-report.js';
import { ScratchServer } from './scratch-server.js';
import { warningsAbout } from './warnings.js';

export interface CheckOptions {
  /** The plugin's name, and the folder that has its `index.ts`. */
  readonly name: string;
  readonly directory: string;
  /** Where the plugins are that it depends on, besides the shipped ones. */
  readonly pluginDirs: readonly string[];
  /** Where files may lie for as long as it takes; the caller's, who removes it also when this ends early. */
  readonly scratch: string;
  /** How long construction and `init` may take, each. */
  readonly timeoutMs: number;
}

/** Loads a plugin without a server: constructor and `init` run, event sources and tasks do not. */
export async function checkPlugin(options: CheckOptions): Promise<PluginReport> {
  const { name, directory, pluginDirs, timeoutMs } = options;
  const links = await mkdtemp(join(options.scratch, 'links-'));
  try {
    await symlink(directory, join(links, name));
    const server = new ScratchServer();
    const host = await server.host(
      {
        directories: [
          ...pluginDirectories({ shippedPlugins: true, pluginDirs: [] }),
          { path: links, isShipped: false },
          ...pluginDirs.map((path) => ({ path, isShipped: false })),
        ],
        initTimeoutMs: timeoutMs,
      },
      new RecordingLogger(),
    );
    await host.start();
    const rows = host.list().filter((row) => row.name === name);
    return report(rows, server, name);
  } finally {
    await rm(links, { recursive: true });
  }
}

/** With two of that name it is the checked one that the message is about: it came later. */
function report(rows: readonly PluginRow[], server: ScratchServer, name: string): PluginReport {
  const plugin = rows.find(({ state }) => state !== 'loaded') ?? rows[0];
  if (plugin === undefined) throw new Error('the folder has no index.ts and no index.js');
  const described = {
    plugin,
    providers: server.services
      .list()
      .filter(({ owner }) => owner.name === name)
      .map(({ name: service, description, methods }) => ({
        name: service,
        description,
        methods: [...methods.values()].map((method) => method.description),
      })),
    tasks: server.tasks.entriesOf(name).map(([task, handler]) => ({
      name: task,
      description: handler.description,
      executor: handler.options.executor ?? 'isolated',
      schema: handler.argumentsValidator?.schemas ?? null,
    })),
    sources: server.eventSources.entriesOf(name).map(([source]) => source),
    events: server.eventTypes.entriesOf(name).map(([event, { description, schema }]) => ({
      name: event,
      description,
      event_schema: schema,
    })),
    schemas: server.schemas.namesOf(name),
    hooks: server.hooks.namesOf(name),
    resources: server.resources
      .list()
      .filter(({ owner }) => owner === name)
      .map((resource) => resource.name),
  };
  return { ...described, warnings: warningsAbout(described, server.schemas.document()) };
}
