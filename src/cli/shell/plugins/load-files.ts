import { realpath } from 'node:fs/promises';
import {
  bounded,
  CompiledCode,
  type DiscoveredPlugin,
  discoverPlugins,
  PluginCode,
  shareModule,
  withinTime,
} from '../../../plugin-host/plugin-files.js';
import { readTree } from '../../../system/trusted-tree.js';
import type { Logger } from '../../../sdk/index.js';
import { cacheFolder } from '../../cache-file.js';
import * as cliSdk from '../../sdk/index.js';
import { type CliPlugin, isCliPlugin } from '../../sdk/cli-plugin.js';
import { defaultExport } from './default-export.js';
import { inside } from './inside.js';
import type { PluginRecord } from './loaded-plugin.js';
import { reasonOf } from './reason.js';

shareModule('dispatcher/cli', cliSdk);

/** A plugin whose file has been evaluated. */
export interface EvaluatedPlugin {
  readonly name: string;
  readonly from: string;
  readonly plugin: CliPlugin;
  readonly locate: (error: unknown) => string | null;
}

interface FoundFiles {
  readonly plugins: readonly EvaluatedPlugin[];
  readonly failed: readonly PluginRecord[];
  /** About folders, a line each. */
  readonly warnings: readonly string[];
}

interface FilesOptions {
  readonly directories: readonly string[];
  /** Names that are not free. */
  readonly taken: ReadonlySet<string>;
  readonly env: NodeJS.ProcessEnv;
}

/** How long the code of a file may run, and the packages that it imports. */
const LOAD_LIMIT_MS = 3_000;

/** Evaluates the plugins of these folders. Never rejects: what cannot be loaded is told of. */
export async function loadFiles(options: FilesOptions): Promise<FoundFiles> {
  const warnings: string[] = [];
  const failed: PluginRecord[] = [];
  const plugins: EvaluatedPlugin[] = [];
  const { directories, refusals } = await trusted(options.directories);
  const warn = (line: string): unknown => warnings.push(line);
  const quiet = { warn, error: warn } as unknown as Logger;
  const found = await discoverPlugins(folders(directories), quiet);
  for (const [directory, reason] of refusals) {
    warnings.push(`plugins in ${directory}: ${reason}: none of them is loaded`);
    const { plugins: refused } = await discoverPlugins(folders([directory]), quiet);
    for (const { name, entry } of refused.values()) {
      failed.push({ name, state: 'refused', about: reason, from: entry });
    }
  }
  for (const { name, entry, error } of found.duplicates) {
    failed.push({ name, state: 'failed', about: error, from: entry });
  }
  const code = cacheFolder(options.env);
  const compile = code === null ? undefined : new CompiledCode(`${code}/cli-plugins`).compile;
  for (const one of found.plugins.values()) {
    const outcome = options.taken.has(one.name)
      ? failure(one, new Error(TAKEN))
      : await evaluated(one, compile);
    if ('state' in outcome) failed.push(outcome);
    else plugins.push(outcome);
  }
  return { plugins, failed, warnings };
}

const TAKEN =
  'a plugin that comes with the shell has this name: another name, or "shipped-plugins": false';

const folders = (paths: readonly string[]) =>
  paths.map((path) => ({ path, isShipped: false }) as const);

type Compile = CompiledCode['compile'];

async function evaluated(
  found: DiscoveredPlugin,
  compile: Compile | undefined,
): Promise<EvaluatedPlugin | PluginRecord> {
  const { name, entry } = found;
  const code = new PluginCode(entry, new Map(), compile);
  try {
    const exported = await evaluate(code, name);
    const plugin = defaultExport(exported);
    if (isCliPlugin(plugin)) {
      return { name, from: entry, plugin, locate: (error) => code.locate(error) };
    }
    throw new Error('its default export is no CliPlugin: export default new CliPlugin({ … })');
  } catch (error) {
    return failure(found, error, code);
  }
}

/** The exports of a file, whose code gets so much time and no more. @throws what the code throws */
async function evaluate(code: PluginCode, name: string): Promise<unknown> {
  const message = `what it imports was not there within ${LOAD_LIMIT_MS / 1_000} s`;
  await bounded(
    inside(name, () => code.prepare()),
    { timeoutMs: LOAD_LIMIT_MS, message },
  );
  return withinTime(LOAD_LIMIT_MS, () => inside(name, () => code.load()));
}

function failure(
  { name, entry }: DiscoveredPlugin,
  error: unknown,
  code: PluginCode | null = null,
): PluginRecord {
  const about = reasonOf(error, (thrown) => code?.locate(thrown) ?? null);
  return { name, state: error instanceof SyntaxError ? 'broken' : 'failed', about, from: entry };
}

interface Trusted {
  readonly directories: readonly string[];
  readonly refusals: ReadonlyMap<string, string>;
}

/**
 * What root loads, root runs: nobody else may be able to write it. Whoever is not root can hurt nobody but
 * himself.
 */
async function trusted(directories: readonly string[]): Promise<Trusted> {
  const uid = process.geteuid?.();
  const refusals = new Map<string, string>();
  if (uid !== 0) return { directories, refusals };
  for (const directory of directories) {
    try {
      const { distrusted, odd } = await readTree(await realpath(directory), { uid });
      const [stray] = odd;
      const reason = distrusted?.message ?? (stray && `${stray.path} ${stray.message}`);
      if (reason !== undefined) refusals.set(directory, reason);
    } catch {
      // whoever looks for plugins there tells why it cannot be read
    }
  }
  return { directories: directories.filter((one) => !refusals.has(one)), refusals };
}
