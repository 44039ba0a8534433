import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfiguration } from '../../../config/index.js';
import type { CommandContext } from '../../command.js';
import { EXIT, UsageError } from '../../exit-status.js';
import { readManifest } from '../manifest.js';
import { npm } from '../npm.js';
import { checkPluginName } from '../plugin-name.js';
import { onServer } from '../on-server.js';
import { extractArchive, inspectArchive } from './archive.js';
import { PluginStore } from './plugin-store.js';

const INSTALL_HELP = `Usage: dispatcherctl plugin install FILE|NAME [--dir PLUGIN_DIR] [--reload] [--allow-scripts]
       dispatcherctl plugin rollback NAME | remove NAME | list

Puts a plugin and what it needs at run time into a plugin directory: all of it or nothing.

  FILE|NAME         an archive that \`plugin pack\` made, or a package of the npm registry
  --dir PLUGIN_DIR  where to (default: the first of \`plugin-dirs\` in the configuration)
  -c, --config FILE the configuration (default: that of the server)
  --reload          tell the running server, which loads it at once
  --allow-scripts   run the install scripts of what it needs; they may do anything

  rollback NAME     brings back the version that the last install has replaced
`;
const OPTIONS = {
  dir: { type: 'string' },
  config: { type: 'string', short: 'c' },
  reload: { type: 'boolean' },
  'allow-scripts': { type: 'boolean' },
  url: { type: 'string' },
  user: { type: 'string' },
  help: { type: 'boolean' },
} as const;

export const installCommand = (context: CommandContext) => run(context, install);
export const rollbackCommand = (context: CommandContext) =>
  run(context, async ({ store, word }) => {
    const name = checkPluginName(word);
    return { name, message: `${name} is ${await store.rollback(name)} again` };
  });
export const removeCommand = (context: CommandContext) =>
  run(context, async ({ store, word }) => {
    const name = checkPluginName(word);
    await store.remove(name);
    return { name: null, message: `${name} is removed` };
  });
export const listCommand = (context: CommandContext) =>
  run(context, async ({ store }) => {
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
  readonly allowsScripts: boolean;
}

interface Done {
  /** What the server is to read again; null: all. */
  readonly name: string | null;
  readonly message: string;
}

async function run(context: CommandContext, deed: (deed: Deed) => Promise<Done>): Promise<number> {
  const { output } = context;
  const { values, positionals } = parseArgs({
    args: [...context.argv],
    allowPositionals: true,
    options: OPTIONS,
  });
  if (values.help === true) {
    output.write(INSTALL_HELP);
    return EXIT.done;
  }
  const [word = ''] = positionals;
  if (positionals.length > 1) throw new UsageError(`Which plugin?\n\n${INSTALL_HELP}`);
  const directory =
    values.dir === undefined ? configuredFolder(values.config ?? null) : resolve(values.dir);
  const store = new PluginStore(directory);
  try {
    await mkdir(directory, { recursive: true });
    await store.removeLeftovers();
    const { name, message } = await deed({
      store,
      word,
      allowsScripts: values['allow-scripts'] ?? false,
    });
    if (message !== '') output.write(`${message}\n`);
    if (values.reload === true) {
      await onServer(context, values, (session) =>
        session.call('management.reload_plugins', name === null ? [] : [[name]]),
      );
      output.write('The server has taken it over\n');
    }
    return EXIT.done;
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

async function install({ store, word, allowsScripts }: Deed): Promise<Done> {
  if (word === '') throw new UsageError(`Which plugin?\n\n${INSTALL_HELP}`);
  const scratch = await mkdtemp(join(tmpdir(), 'dispatcher-install-'));
  const draft = await store.draft();
  try {
    const archive = join(scratch, 'plugin.tgz');
    await copyFile(await archiveOf(word, scratch), archive);
    await inspectArchive(archive);
    await extractArchive(archive, draft);
    const manifest = await readManifest(draft);
    if (manifest.hasDependencies) {
      const scripts = allowsScripts ? [] : ['--ignore-scripts'];
      // what is a peer the server has itself, and a plugin must not have a second one
      await npm(
        [
          'install',
          '--omit=dev',
          '--omit=peer',
          '--legacy-peer-deps',
          '--no-package-lock',
          ...scripts,
        ],
        draft,
      );
    }
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

function configuredFolder(file: string | null): string {
  const { dispatcher } = loadConfiguration(
    { kind: 'check', file, overrides: {} },
    { env: process.env, uid: process.getuid?.() ?? 0, home: homedir() },
  );
  const [first] = dispatcher.pluginDirs;
  if (first !== undefined) return first;
  throw new UsageError('The configuration names no plugin-dirs: name a folder with --dir');
}
