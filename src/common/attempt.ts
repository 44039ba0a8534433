/**
 * What `work` gives; what it throws as a promise that rejects. For a function that answers with a
 * promise and is called too often to be an async one, which makes a promise more.
 *
 * @example
 * attempt(() => this.enter(checked(request))); // never throws
 */
export function attempt<T>(work: () => T): T | Promise<never> {
  try {
    return work();
  } catch (error) {
    const reason = error as Error;
    return Promise.reject(reason);
  }
}
