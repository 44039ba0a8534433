import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../scripts/package-deb.mjs', import.meta.url));

/** Packs what was built last. @returns the path of the package */
export function buildPackage(folder: string): string {
  return execFileSync(process.execPath, [SCRIPT, '--fast', '--output', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

/** What a server prints first. @throws Error with its error output, should it end before that */
export async function firstLine(server: ChildProcess): Promise<string> {
  const errors: string[] = [];
  createInterface({ input: server.stderr! }).on('line', (line) => errors.push(line));
  const ended = once(server, 'exit').then(() => {
    throw new Error(`The server ended before it was ready: ${errors.join('\n')}`);
  });
  ended.catch(() => undefined);
  const [line] = (await Promise.race([
    once(createInterface({ input: server.stdout! }), 'line'),
    ended,
  ])) as [string];
  return line;
}
