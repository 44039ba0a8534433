const { pid } = process;

/** What ends this process when it is called. */
const ENDINGS = ['exit', 'reallyExit', 'abort', 'kill'] as const;

/**
 * Evaluates code that may not end the process that loads it: it is given an error instead, as for
 * any other mistake in a plugin's file. For code that runs at once: what it starts for later is not
 * held back.
 */
export function withoutEnding(evaluate: () => void): void {
  const forget = refuseEnding(() => true);
  try {
    evaluate();
  } finally {
    forget();
  }
}

/**
 * Whoever ends this process is given an error instead, as long as it is not to be ended.
 *
 * @returns what makes it as it was
 */
export function refuseEnding(isRefused: () => boolean): () => void {
  const restore = keepEndings();
  for (const name of ENDINGS) {
    const real = Reflect.get(process, name) as (...args: unknown[]) => unknown;
    const guarded = (...args: unknown[]): unknown => {
      if (!isRefused() || (name === 'kill' && !isSelf(...args))) return real.apply(process, args);
      throw new Error(`A plugin may not end the process: it called process.${name}()`);
    };
    Object.defineProperty(process, name, { value: guarded, configurable: true, writable: true });
  }
  return restore;
}

/** What makes the ways to end this process as they are now. */
export function keepEndings(): () => void {
  const own = ENDINGS.map(
    (name) => [name, Object.getOwnPropertyDescriptor(process, name)] as const,
  );
  return () => {
    for (const [name, descriptor] of own) {
      if (descriptor === undefined) Reflect.deleteProperty(process, name);
      else Object.defineProperty(process, name, descriptor);
    }
  };
}

/** Signal 0 only asks; 0 and a negative number are groups. */
function isSelf(target?: unknown, signal?: unknown): boolean {
  return signal !== 0 && [pid, -pid, 0, -1].includes(Number(target));
}
