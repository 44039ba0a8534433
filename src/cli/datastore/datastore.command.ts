import { createWriteStream } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import { decodeExtended, encodeExtended } from '../../common/index.js';
import type { Filter, QueryParams } from '../../common/query/index.js';
import { type DatastoreSection, loadConfiguration } from '../../config/index.js';
import {
  type DocumentStore,
  type LeaseRequest,
  dump,
  loadMigrations,
  migrate,
  openDatastore,
  restore,
  takeLease,
} from '../../datastore/index.js';
import { DATASTORE_DRIVERS, DATASTORE_LEASES } from '../../server/datastore-drivers.js';
import type { Invocation, Run } from '../command.js';
import { UsageError } from '../exit-status.js';
import { Printer } from '../output/index.js';
import { configurationFile } from '../session/index.js';

type Work = (
  store: DocumentStore,
  words: readonly string[],
  context: Pick<Invocation, 'options' | 'io'>,
) => Promise<void>;

/** Puts a dump into the store, and applies migrations: no server may have it meanwhile. */
export const restoreDatastore: Run = (invocation) => writing(invocation, restoreCommand);
export const migrateDatastore: Run = (invocation) => writing(invocation, migrateCommand);
/** Also beside a running server. */
export const dumpDatastore: Run = (invocation) => onStore(invocation, dumpCommand);
export const queryDatastore: Run = (invocation) => onStore(invocation, queryCommand);

/** A server would go on with what it remembers of the rows. */
async function writing(invocation: Invocation, work: Work): Promise<undefined> {
  const lease = await takeLease(configured(invocation), { leases: DATASTORE_LEASES, ...asTool() });
  try {
    await onStore(invocation, async (store, words, context) => {
      await store.term.begin(lease.lastTerm, () => undefined);
      await work(store, words, context);
    });
    return undefined;
  } finally {
    await lease.release();
  }
}

/** @throws DatastoreException from the store; ConfigurationError */
async function onStore(invocation: Invocation, work: Work): Promise<undefined> {
  const store = await openDatastore(configured(invocation), { drivers: DATASTORE_DRIVERS });
  try {
    await work(store, invocation.operands, invocation);
  } finally {
    await store.close();
  }
}

function configured({ options, io: { env } }: Invocation): DatastoreSection {
  const file = configurationFile(options, env);
  const { datastore } = loadConfiguration(
    { kind: 'check', file, overrides: {} },
    { env, uid: process.getuid?.() ?? 0, home: homedir(), hostName: hostname() },
  );
  return datastore;
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
  { io: { output, notices } }: Pick<Invocation, 'io'>,
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
  notices.write(`${rows} rows from ${store.description}\n`);
}

async function restoreCommand(
  store: DocumentStore,
  [file = '']: readonly string[],
  { options, io: { output } }: Pick<Invocation, 'options' | 'io'>,
): Promise<void> {
  const present = options.has('replace') ? 'replace' : 'refuse';
  const rows = await restore(store, file, { present });
  output.write(`${rows} rows to ${store.description}\n`);
}

async function migrateCommand(
  store: DocumentStore,
  [folder = '']: readonly string[],
  { io: { output } }: Pick<Invocation, 'io'>,
): Promise<void> {
  for await (const { collection, name, outcome, changed } of migrate(
    store,
    await loadMigrations(folder),
  )) {
    output.write(`${collection}/${name}: ${outcome}, ${changed} rows changed\n`);
  }
}

async function queryCommand(
  store: DocumentStore,
  [collection = '', filter = 'null', params = 'null']: readonly string[],
  { options, io }: Pick<Invocation, 'options' | 'io'>,
): Promise<void> {
  const printer = new Printer(io, options);
  const wanted = parseJson('FILTER', filter) as Filter;
  const chosen = parseJson('PARAMS', params) as QueryParams | null;
  await printer.print(encodeExtended(await store.query(collection, wanted, chosen)));
}

function parseJson(what: string, text: string): unknown {
  try {
    return decodeExtended(JSON.parse(text));
  } catch (cause) {
    throw new UsageError(`${what} is not JSON: ${text}`, { cause });
  }
}
