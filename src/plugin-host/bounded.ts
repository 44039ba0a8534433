/** A deadline that leaves nothing behind: its timer ends with the work. */
export interface Bound {
  readonly timeoutMs: number;
  /** What to say when the time is over. */
  readonly message: string;
}

/** Settles as `work` does, or rejects with the bound's message when that takes too long. */
export async function bounded<T>(work: T | PromiseLike<T>, bound: Bound): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(bound.message)), bound.timeoutMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
