import { existsSync } from 'node:fs';

/** Node.js does not start in a folder that was removed. */
export function currentFolder(): string {
  const folder = process.cwd();
  return existsSync(folder) ? folder : '/';
}

/**
 * What Node.js was told to load before this process, and has to load before others of its kind.
 * Flags of V8 and the debugger's port are this process's own.
 */
export function loaderArguments(): string[] {
  return process.execArgv.flatMap((argument, index, all) => {
    if (/^--(import|require|conditions|experimental-loader)=/.test(argument)) return [argument];
    const takesNext = ['--import', '--require', '-r', '--conditions', '-C'].includes(argument);
    return takesNext ? [argument, all[index + 1] ?? ''] : [];
  });
}

interface Death {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of its output. */
  readonly lastWords: string;
}

/** Why a process ended that nobody had ended, as half a sentence. */
export function causeOfDeath({ code, signal, lastWords }: Death): string {
  if (/heap out of memory|Reached heap limit/.test(lastWords)) return 'it ran out of memory';
  if (signal !== null) return `it was ended by ${signal}`;
  const [error] = /^.*\bError\b.*$/m.exec(lastWords) ?? [];
  return `it exited with status ${String(code)}${error === undefined ? '' : ` (${error.trim()})`}`;
}

/** Signals the group that a process leads; it may be gone. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  signalQuietly(-leader, signal);
}

export function signalQuietly(target: number, signal: NodeJS.Signals): void {
  try {
    // eslint-disable-next-line no-restricted-syntax -- not this process: a child object cannot signal its group
    process.kill(target, signal);
  } catch {
    // nobody is left
  }
}
