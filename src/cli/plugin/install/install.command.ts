import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { homedir, hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadConfiguration } from '../../../config/index.js';
import { UsageError } from '../../exit-status.js';
import { configurationFile, withSession } from '../../session/index.js';
import { readManifest } from '../manifest.js';
import { npm } from '../npm.js';
import { checkPluginName } from '../plugin-name.js';
import type { PluginInvocation } from '../plugin-invocation.js';
import { extractArchive, inspectArchive } from './archive.js';
import { installDependencies, type ScriptPolicy } from './production-dependencies.js';
import { PluginStore } from './plugin-store.js';

export const installCommand = (invocation: PluginInvocation) => run(invocation, install);
export const rollbackCommand = (invocation: PluginInvocation) =>
  run(invocation, async ({ store, word }) => {
    const name = checkPluginName(word);
    return { name, message: `${name} is ${await store.rollback(name)} again` };
  });
export const removeCommand = (invocation: PluginInvocation) =>
  run(invocation, async ({ store, word }) => {
    const name = checkPluginName(word);
    await store.remove(name);
    return { name: null, message: `${name} is removed` };
  });
export const listCommand = (invocation: PluginInvocation) =>
  run(invocation, async ({ store }) => {
    const rows = await store.list();
    const lines = rows.map(
      ({ name, version, previous }) =>
        `${name} ${version}${previous === null ? '' : ` (before: ${previous})`}`,
    );
    return { name: null, message: lines.join('\n') };
  });

interface Deed {
  readonly store: PluginStore;
  readonly word: string;
  readonly scripts: ScriptPolicy;
}

interface Done {
  /** What the server is to read again; null: all. */
  readonly name: string | null;
  readonly message: string;
}

async function run(
  { operands, options, io }: PluginInvocation,
  deed: (deed: Deed) => Promise<Done>,
): Promise<undefined> {
  const { output } = io;
  const [word = ''] = operands;
  const given = options.text('dir');
  const directory = given === null ? configuredFolder(options, io.env) : resolve(given);
  const store = new PluginStore(directory);
  try {
    await mkdir(directory, { recursive: true });
    await store.removeLeftovers();
    const { name, message } = await deed({
      store,
      word,
      scripts: options.has('allow-scripts') ? 'run' : 'ignore',
    });
    if (message !== '') output.write(`${message}\n`);
    if (options.has('reload')) {
      await withSession({ options, io }, ({ call }) =>
        call('management.reload_plugins', name === null ? [] : [[name]]),
      );
      output.write('The server has taken it over\n');
    }
    return undefined;
  } catch (error) {
    if (!(
      error instanceof Error &&
      'code' in error &&
      /^E(ACCES|PERM|ROFS)$/.test(String(error.code))
    ))
      throw error;
    throw new Error(
      `You may not write to ${directory}: run it as its owner, or name another with --dir`,
      {
        cause: error,
      },
    );
  }
}

async function install({ store, word, scripts }: Deed): Promise<Done> {
  const scratch = await mkdtemp(join(tmpdir(), 'dispatcher-install-'));
  const draft = await store.draft();
  try {
    const archive = join(scratch, 'plugin.tgz');
    await copyFile(await archiveOf(word, scratch), archive);
    await inspectArchive(archive);
    await extractArchive(archive, draft);
    const manifest = await readManifest(draft);
    if (manifest.hasDependencies) await installDependencies(draft, scripts);
    await store.adopt(draft, manifest);
    return { name: manifest.name, message: `${manifest.name} ${manifest.version} is installed` };
  } finally {
    await rm(scratch, { recursive: true, force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

/** A file, or what npm fetches and finds whole. */
async function archiveOf(word: string, scratch: string): Promise<string> {
  const info = await stat(word).catch(() => null);
  if (info?.isFile() === true) return word;
  if (word.startsWith('-') || /^[./]|\.tgz$/.test(word))
    throw new UsageError(`There is no file ${word}`);
  const answer = await npm(
    ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch, '--', word],
    scratch,
  );
  const [packed] = JSON.parse(answer) as { filename: string }[];
  return join(scratch, packed?.filename ?? '');
}

function configuredFolder(options: PluginInvocation['options'], env: NodeJS.ProcessEnv): string {
  const { dispatcher } = loadConfiguration(
    { kind: 'check', file: configurationFile(options, env), overrides: {} },
    { env, uid: process.getuid?.() ?? 0, home: homedir(), hostName: hostname() },
  );
  const [first] = dispatcher.pluginDirs;
  if (first !== undefined) return first;
  throw new UsageError('The configuration names no plugin-dirs: name a folder with --dir');
}
