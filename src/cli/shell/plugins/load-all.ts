import { planLoading } from '../../../plugin-host/dependency-order.js';
import type { PluginContext, QueryClient } from '../../sdk/index.js';
import { isCliPlugin } from '../../sdk/cli-plugin.js';
import { printable } from '../../output/index.js';
import { BUILT_INS, STAGES } from '../words-table.js';
import { outside } from './inside.js';
import type { EvaluatedPlugin } from './load-files.js';
import type { LoadedPlugin, PluginRecord } from './loaded-plugin.js';
import type { PluginSetOptions } from './plugin-set-options.js';
import { readPlugin } from './read-plugin.js';
import { reasonOf } from './reason.js';
import { hooked } from './run-plugin.js';

interface LoadedAll {
  readonly loaded: readonly LoadedPlugin[];
  readonly records: readonly PluginRecord[];
  readonly warnings: readonly string[];
  /** Calls what plugins want to be told of at the end. */
  readonly close: () => Promise<void>;
}

/** How long a hook may take. */
const HOOK_LIMIT_MS = 3_000;
const CLEANUP_LIMIT_MS = 2_000;

/** Loads the shipped plugins, then those of the configuration's folders. Never rejects. */
export async function loadAll(options: PluginSetOptions): Promise<LoadedAll> {
  const { session, env } = options;
  const { shippedPlugins, pluginDirs } = session.cli;
  const shipped = shippedPlugins ? (await import('../shipped/index.js')).SHIPPED_PLUGINS : [];
  const records: PluginRecord[] = [];
  const warnings: string[] = [];
  const found: EvaluatedPlugin[] = [...shipped];
  if (pluginDirs.length > 0) {
    options.onForeignCode();
    const [{ loadFiles }, { guardProcess }] = await Promise.all([
      import('./load-files.js'),
      import('./guard-process.js'),
    ]);
    const locate = (error: unknown): string | null =>
      found.find((plugin) => plugin.locate(error) !== null)?.name ?? null;
    guardProcess({ tell: options.warn, ownerOf: locate });
    const taken = new Set(shipped.map(({ name }) => name));
    const files = await loadFiles({ directories: pluginDirs, taken, env });
    found.push(...files.plugins);
    records.push(...files.failed);
    warnings.push(...files.warnings);
  }
  const context: PluginContext = {
    client: session.client,
    tell: (line: unknown) => outside(() => options.warn(printable(String(line)))),
    signal: session.signal,
  };
  const { loaded, failed } = await inOrder(found, options.queries, context);
  const good = loaded.map(({ name, from, parts }): PluginRecord => {
    return { name, state: 'loaded', about: aboutOf(parts.description), from };
  });
  const forget = followReconnects(loaded, context);
  return {
    loaded,
    records: [...good, ...records, ...failed],
    warnings,
    close: async () => {
      forget();
      await Promise.all(loaded.map((plugin) => cleanUp(plugin, context)));
    },
  };
}

const aboutOf = (text: unknown): string => (typeof text === 'string' ? text : '');

/** Each behind those that it depends on; who waits for somebody who is not there is not there either. */
async function inOrder(
  found: readonly EvaluatedPlugin[],
  client: QueryClient,
  context: PluginContext,
): Promise<{ readonly loaded: readonly LoadedPlugin[]; readonly failed: readonly PluginRecord[] }> {
  const nodes = found.map(({ name, plugin, from }) => ({
    name,
    depends: dependsOf(plugin),
    ...(from === 'shipped' && { isShipped: true }),
  }));
  const { order, cycles } = planLoading(nodes);
  const loaded: LoadedPlugin[] = [];
  const failed: PluginRecord[] = [];
  const byName = new Map(found.map((one) => [one.name, one]));
  for (const name of [...order, ...cycles.keys()]) {
    const one = byName.get(name);
    if (one === undefined) continue;
    try {
      const cycle = cycles.get(name);
      if (cycle !== undefined) throw new Error(`plugins wait for each other: ${cycle}`);
      loaded.push(await started(one, { loaded, client, context }));
    } catch (error) {
      const about = reasonOf(error, one.locate);
      failed.push({ name, state: 'failed', about, from: one.from });
    }
  }
  return { loaded, failed };
}

function dependsOf(plugin: unknown): readonly string[] {
  const depends: unknown = isCliPlugin(plugin)
    ? (plugin.parts as unknown as { depends?: unknown } | null)?.depends
    : [];
  return Array.isArray(depends) ? depends.map(String) : [];
}

interface Starting {
  readonly loaded: readonly LoadedPlugin[];
  readonly client: QueryClient;
  readonly context: PluginContext;
}

/** @throws Error saying why it cannot be there; what its hook throws */
async function started(
  { plugin, name, from, locate }: EvaluatedPlugin,
  { loaded, client, context }: Starting,
): Promise<LoadedPlugin> {
  const missing = dependsOf(plugin).find((one) => loaded.every((other) => other.name !== one));
  if (missing !== undefined) throw new Error(`it needs the plugin ${missing}, which is not there`);
  const read = await readPlugin(plugin, { name, from, locate, client });
  refuseTaken(read, loaded);
  const { onLogin } = read.parts;
  if (onLogin !== undefined) {
    await hooked(read, () => onLogin(context), {
      timeoutMs: HOOK_LIMIT_MS,
      signal: context.signal,
    });
  }
  return read;
}

/** Names beside the tree: nobody takes one of the shell's, or of a plugin before it. */
function refuseTaken({ stages, parts }: LoadedPlugin, loaded: readonly LoadedPlugin[]): void {
  const ofShell = (what: string): string => `its ${what} would hide that of the shell`;
  const stage = stages.find(({ name }) => STAGES.has(name));
  if (stage !== undefined) throw new Error(ofShell(`stage ${stage.name}`));
  const alias = Object.keys(parts.aliases ?? {}).find((name) => BUILT_INS.has(name));
  if (alias !== undefined) throw new Error(ofShell(`alias ${alias}`));
  for (const format of Object.keys(parts.formatters ?? {})) {
    if (FORMATS.has(format)) throw new Error(ofShell(`formatter ${format}`));
  }
  for (const other of loaded) {
    const same = stages.find(({ name }) => other.stages.some((one) => one.name === name));
    if (same !== undefined) {
      throw new Error(`its stage ${same.name} would hide that of the plugin ${other.name}`);
    }
  }
}

const FORMATS: ReadonlySet<string> = new Set(['json', 'yaml', 'csv', 'ndjson', 'md', 'table']);

function followReconnects(plugins: readonly LoadedPlugin[], context: PluginContext): () => void {
  if (plugins.every(({ parts }) => parts.onReconnect === undefined)) return () => undefined;
  let isLost = false;
  return context.client.onState(({ kind }) => {
    if (kind === 'reconnecting') isLost = true;
    if (kind !== 'authenticated' || !isLost) return;
    isLost = false;
    for (const plugin of plugins) void reconnected(plugin, context);
  });
}

async function reconnected(plugin: LoadedPlugin, context: PluginContext): Promise<void> {
  const { onReconnect } = plugin.parts;
  if (onReconnect === undefined) return;
  try {
    await hooked(plugin, () => onReconnect(context), {
      timeoutMs: HOOK_LIMIT_MS,
      signal: context.signal,
    });
  } catch (error) {
    if (!context.signal.aborted) {
      context.tell(`plugin ${plugin.name}: ${reasonOf(error, plugin.locate)}`);
    }
  }
}

async function cleanUp(plugin: LoadedPlugin, context: PluginContext): Promise<void> {
  const { cleanup } = plugin.parts;
  if (cleanup === undefined) return;
  try {
    await hooked(plugin, () => cleanup(context), { timeoutMs: CLEANUP_LIMIT_MS, signal: null });
  } catch (error) {
    context.tell(`plugin ${plugin.name}: ${reasonOf(error, plugin.locate)}`);
  }
}
