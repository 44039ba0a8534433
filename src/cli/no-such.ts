import { UsageError } from './exit-status.js';

/** What to throw for a name that there is none of, with the nearest that there is. */
export async function noSuch(
  what: string,
  name: string,
  known: readonly string[],
): Promise<UsageError> {
  const { closest, didYouMean } = await import('../config/did-you-mean.js');
  const hint = didYouMean(closest(name, known));
  return new UsageError(`${what}${hint}`);
}
