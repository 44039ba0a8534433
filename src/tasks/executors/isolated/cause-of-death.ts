interface Death {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of its output. */
  readonly lastWords: string;
}

/** What an executor exits with when its connection to the server is gone; chosen to be nobody's. */
export const EXIT_DISCONNECTED = 113;

export const DISCONNECTED = 'it closed its connection to the server';

/** Why a process ended that nobody had ended, as half a sentence. */
export function causeOfDeath({ code, signal, lastWords }: Death): string {
  if (/heap out of memory|Reached heap limit/.test(lastWords)) return 'it ran out of memory';
  if (signal !== null) return `it was ended by ${signal}`;
  if (code === EXIT_DISCONNECTED) return DISCONNECTED;
  const [error] = /^.*\bError\b.*$/m.exec(lastWords) ?? [];
  return `it exited with status ${String(code)}${error === undefined ? '' : ` (${error.trim()})`}`;
}
