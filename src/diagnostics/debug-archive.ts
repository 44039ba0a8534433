import { gzipSync } from 'node:zlib';
import { hideSecrets } from '../logging/index.js';

/** A file of the archive: text and bytes as they are, anything else as JSON with its secrets hidden. */
export interface DebugContribution {
  /** Path inside the archive: `plugins/users/accounts.json`. */
  readonly path: string;
  readonly content: unknown;
}

const BLOCK = 512;
const FILE_MODE = 0o600;

/** A tar.gz of these files, made in memory: what a server can say about itself is some megabytes. */
export async function debugArchive(
  files: readonly DebugContribution[],
  mtime: Date,
): Promise<Buffer> {
  const { Header } = await import('tar'); // most servers are never asked
  const parts = files.flatMap(({ path, content }) => {
    const body = bytesOf(content);
    const head = Buffer.alloc(BLOCK);
    new Header({ path, mode: FILE_MODE, size: body.length, mtime, type: 'File' }).encode(head);
    return [head, body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]));
}

function bytesOf(content: unknown): Buffer {
  if (Buffer.isBuffer(content)) return content;
  if (content instanceof Uint8Array) return Buffer.from(content);
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from(`${JSON.stringify(hideSecrets(content ?? null), null, 2)}\n`);
}
