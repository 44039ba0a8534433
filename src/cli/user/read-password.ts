import type { Readable } from 'node:stream';

/** Far more than a password; whoever pipes a file in has made a mistake. */
const MAX_BYTES = 16_384;

/**
 * The first line of the input, without its end: `echo secret |` and `printf secret |` mean the same.
 *
 * @throws Error when there is none, or far too much
 */
export async function readPassword(input: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk as Buffer | string);
    chunks.push(bytes);
    size += bytes.length;
    if (size > MAX_BYTES) throw new Error('The standard input is no password: it is too long');
    if (bytes.includes('\n')) break;
  }
  const [line = ''] = Buffer.concat(chunks).toString('utf8').split(/\r?\n/);
  if (line === '') throw new Error('There is no password on the standard input');
  return line;
}
