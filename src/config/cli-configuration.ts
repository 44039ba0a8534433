import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CLI, type ValueOf } from './schema/index.js';
import { typedSection } from './typed-values.js';

/** The default configuration of the server, which the command line reads as well. */
const DEFAULT_FILE = '/usr/local/etc/middleware.conf';

/** `cli` with every default filled in. */
export type CliSection = ValueOf<typeof CLI>;

export interface CliConfiguration {
  readonly cli: CliSection;
  /** Where the server of this machine listens for those who are on it; null: nowhere, or nobody knows. */
  readonly unixSocket: string | null;
}

export interface CliFiles {
  /** A middleware.conf; null for the default one. */
  readonly file: string | null;
  /** Whether it has to be there: somebody named it just now. */
  readonly isRequired: boolean;
  /** The user's own: the keys of `cli` but `plugin-dirs`, and they win. */
  readonly userFile: string | null;
}

type Document = Readonly<Record<string, unknown>>;

/**
 * What the command line goes by. It is read at every command, so what checks it is loaded only when there
 * is something to be checked. A file that cannot be read is none, unless it has to be there.
 *
 * @throws ConfigurationError with one line for each problem
 */
export async function loadCliConfiguration({
  file,
  isRequired,
  userFile,
}: CliFiles): Promise<CliConfiguration> {
  const path = file ?? DEFAULT_FILE;
  const document = await read(path, { isNamed: isRequired });
  const section = (document['cli'] ?? {}) as Document;
  const own = userFile === null ? {} : await read(userFile, { isNamed: false });
  if (document['cli'] !== undefined) await check(CLI, section, { source: path, where: 'cli' });
  if (userFile !== null && Object.keys(own).length > 0) {
    await check(userSchema(), own, { source: userFile, where: null });
  }
  const toAbsolute = (from: string): string => resolve(dirname(path), from);
  const { 'unix-socket': socket } = (document['dispatcher'] ?? {}) as Document;
  return {
    cli: typedSection(CLI, { ...section, ...own }, toAbsolute),
    unixSocket: typeof socket === 'string' ? toAbsolute(socket) : null,
  };
}

async function read(path: string, { isNamed }: { readonly isNamed: boolean }): Promise<Document> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    if (!isNamed) return {};
    const { readConfigurationFile } = await import('./configuration-file.js');
    return readConfigurationFile({ kind: 'named', path }).document; // which says why it cannot
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Document;
    }
  } catch {
    // the other parser says where
  }
  const { parseDocument } = await import('./json-document.js');
  return parseDocument(path, text);
}

async function check(
  schema: object,
  value: unknown,
  { source, where }: { readonly source: string; readonly where: string | null },
): Promise<void> {
  const [{ checkAgainst }, { refuse }] = await Promise.all([
    import('./schema-check.js'),
    import('./configuration-error.js'),
  ]);
  const problems = checkAgainst(schema, value);
  const placed = problems.map(({ where: key, what }) => ({
    where: [where, key].filter((part) => part !== null && part !== '').join('.'),
    what,
  }));
  refuse(source, placed);
}

/** A user must not be made to load somebody else's code by a file that lies about. */
function userSchema(): object {
  const { 'plugin-dirs': _, ...properties } = CLI.properties;
  return { ...CLI, properties };
}
