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
