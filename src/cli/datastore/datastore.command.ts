import { createWriteStream } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import { parseArgs } from 'node:util';
import { decodeExtended, encodeExtended } from '../../common/index.js';
import type { Filter, QueryParams } from '../../common/query/index.js';
import { loadConfiguration } from '../../config/index.js';
import {
  type DocumentStore,
  type DriverRegistry,
  type LeaseRegistry,
  type LeaseRequest,
  dump,
  loadMigrations,
  migrate,
  openDatastore,
  restore,
  takeLease,
} from '../../datastore/index.js';

const DATASTORE_HELP = `Usage: dispatcherctl datastore [--config FILE] COMMAND

Works on the store that the configuration names: dump and query also beside a running server, restore
and migrate with the server stopped.

  dump [FILE] [COLLECTION...]    writes collections (default: all) as JSON lines; FILE - is standard output
  restore [--replace] FILE       puts a dump into the store; --replace drops collections that are there
  migrate FOLDER                 applies FOLDER/<collection>/<name>.js in order, each once
  query COLLECTION [FILTER] [PARAMS]
                                 prints rows; FILTER and PARAMS are JSON as on the wire

  -c, --config FILE              the configuration (default: that of the server)

To move a store: dump it, point the configuration at the other driver, restore.
`;

/** Where a command's words come from and its lines go to. */
export interface DatastoreCommand {
  readonly argv: readonly string[];
  readonly drivers: DriverRegistry;
  readonly leases: LeaseRegistry;
  readonly output: NodeJS.WritableStream;
}

interface Command {
  readonly run: (store: DocumentStore, words: readonly string[], options: Options) => Promise<void>;
  /** No server may have the store meanwhile: it would go on with what it remembers of the rows. */
  readonly writes: boolean;
}

interface Options {
  readonly replace: boolean;
  readonly output: NodeJS.WritableStream;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['dump', { run: dumpCommand, writes: false }],
  ['restore', { run: restoreCommand, writes: true }],
  ['migrate', { run: migrateCommand, writes: true }],
  ['query', { run: queryCommand, writes: false }],
]);

/**
 * Runs `dispatcherctl datastore ...`.
 *
 * @throws Error with what is wrong with the words; DatastoreException from the store
 */
export async function datastoreCommand({
  argv,
  drivers,
  leases,
  output,
}: DatastoreCommand): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      config: { type: 'string', short: 'c' },
      replace: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const [name = '', ...words] = positionals;
  const command = COMMANDS.get(name);
  if (values.help === true) {
    output.write(DATASTORE_HELP);
    return;
  }
  if (command === undefined) throw usage('What is to be done?');
  const { datastore } = loadConfiguration(
    { kind: 'check', file: values.config ?? null, overrides: {} },
    { env: process.env, uid: process.getuid?.() ?? 0, home: homedir() },
  );
  const lease = command.writes ? await takeLease(datastore, { leases, ...asTool() }) : null;
  try {
    const store = await openDatastore(datastore, { drivers });
    try {
      if (lease !== null) await store.term.begin(lease.lastTerm, () => undefined);
      await command.run(store, words, { replace: values.replace ?? false, output });
    } finally {
      await store.close();
    }
  } finally {
    await lease?.release();
  }
}

/** Should the lease be lost, the next write is refused and ends the command. */
function asTool(): LeaseRequest {
  const since = new Date().toISOString();
  const holder = { pid: process.pid, host: hostname(), since, addresses: [] };
  return { holder, onLost: () => undefined };
}

async function dumpCommand(
  store: DocumentStore,
  [file = '-', ...names]: readonly string[],
  { output }: Options,
): Promise<void> {
  const lines = new PassThrough();
  // Nobody but its owner may read a dump: it holds what the store holds
  const target = file === '-' ? output : createWriteStream(file, { flags: 'wx', mode: 0o600 });
  const written = pipeline(lines, target, { end: file !== '-' });
  const dumping = dump(store, lines, names.length === 0 ? undefined : names);
  dumping.then(
    () => lines.end(),
    (error: unknown) => lines.destroy(error as Error),
  );
  const [rows] = await Promise.all([dumping, written]);
  process.stderr.write(`${rows} rows from ${store.description}\n`);
}

async function restoreCommand(
  store: DocumentStore,
  [file]: readonly string[],
  { replace, output }: Options,
): Promise<void> {
  if (file === undefined) throw usage('Which dump is to be restored?');
  const rows = await restore(store, file, { present: replace ? 'replace' : 'refuse' });
  output.write(`${rows} rows to ${store.description}\n`);
}

async function migrateCommand(
  store: DocumentStore,
  [folder]: readonly string[],
  { output }: Options,
): Promise<void> {
  if (folder === undefined) throw usage('Where are the migrations?');
  for await (const { collection, name, outcome, changed } of migrate(
    store,
    await loadMigrations(folder),
  )) {
    output.write(`${collection}/${name}: ${outcome}, ${changed} rows changed\n`);
  }
}

async function queryCommand(
  store: DocumentStore,
  [collection, filter = 'null', params = 'null']: readonly string[],
  { output }: Options,
): Promise<void> {
  if (collection === undefined) throw usage('Which collection?');
  const wanted = parseJson('FILTER', filter) as Filter;
  const rows = await store.query(
    collection,
    wanted,
    parseJson('PARAMS', params) as QueryParams | null,
  );
  output.write(`${JSON.stringify(encodeExtended(rows), null, 2)}\n`);
}

function parseJson(what: string, text: string): unknown {
  try {
    return decodeExtended(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${what} is not JSON: ${text}`, { cause });
  }
}

function usage(question: string): Error {
  return new Error(`${question}\n\n${DATASTORE_HELP}`);
}
