import type { Writable } from 'node:stream';
import { refuseEnding } from '../../../plugin-host/plugin-files.js';
import { printable } from '../../output/index.js';
import { outside, runningPlugin } from './inside.js';
import { reasonOf } from './reason.js';

interface GuardOptions {
  /** One line for people. */
  readonly tell: (line: string) => void;
  /** The plugin in whose files an error was thrown; null for somebody else's. */
  readonly ownerOf: (error: unknown) => string | null;
}

let tell: GuardOptions['tell'] | null = null;

/**
 * Code of plugins runs in the process of the shell. From now on it does not end it, what it prints by itself
 * is told as a notice and comes into no answer, and what it lets fall later is one line.
 */
export function guardProcess(options: GuardOptions): void {
  const isFirst = tell === null;
  ({ tell } = options);
  if (!isFirst) return;
  refuseEnding(() => runningPlugin() !== undefined);
  for (const stream of [process.stdout, process.stderr]) redirect(stream);
  const ownerOf = (error: unknown): string | null => {
    try {
      return options.ownerOf(error);
    } catch {
      return 'of the configuration'; // nobody else throws what cannot be looked at
    }
  };
  const onError = (error: unknown): void => {
    const owner = ownerOf(error);
    if (owner === null) throw error;
    outside(() => tell?.(`plugin ${owner}: ${printable(reasonOf(error, () => null))}`));
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
}

const MAX_LINES = 100;

function redirect(stream: Writable): void {
  const real = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  const write = (chunk: unknown, ...rest: unknown[]): boolean => {
    const plugin = runningPlugin();
    if (plugin === undefined) return real(chunk, ...rest);
    const done = rest.find((one) => typeof one === 'function') as (() => void) | undefined;
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString();
    outside(() => {
      const lines = text.split('\n').filter((line) => line !== '');
      for (const line of lines.slice(0, MAX_LINES)) tell?.(`plugin ${plugin}: ${printable(line)}`);
    });
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  stream.write = write as Writable['write'];
}
