import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf } from '../common/index.js';
import { ConfigurationError } from './configuration-error.js';
import { type JsonDocument, parseDocument } from './json-document.js';

/** Read when no file is named; it need not exist. */
export const DEFAULT_FILE = '/usr/local/etc/middleware.conf';

/** A file the operator named must be there; the default one need not. */
export interface FileChoice {
  readonly kind: 'named' | 'default';
  readonly path: string;
}

/** What was read, and from where; `source` is null when there was no file. */
export interface LoadedFile {
  readonly source: string | null;
  readonly document: JsonDocument;
}

/** @throws ConfigurationError when the file cannot be read or is not a JSON object */
export function readConfigurationFile(choice: FileChoice): LoadedFile {
  const file = resolve(choice.path);
  try {
    return { source: file, document: parseDocument(file, decode(file, readFileSync(file))) };
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && choice.kind === 'default') return { source: null, document: {} };
    const cause = CAUSES.get(code ?? '') ?? messageOf(error);
    throw new ConfigurationError([`${file}: cannot be read: ${cause}`], { cause: error });
  }
}

const CAUSES: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'a part of the path is not a folder'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ELOOP', 'too many symbolic links'],
]);

/** Strict, because a silently replaced byte would end up in a path or a password. Drops a BOM. */
function decode(file: string, content: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (error) {
    throw new ConfigurationError([`${file}: is not UTF-8 text`], { cause: error });
  }
}
