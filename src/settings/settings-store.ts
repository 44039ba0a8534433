/** Where the values are kept. */
export interface SettingsStore {
  /** Of a key that is not set `fallback`. */
  get(key: string, fallback: unknown): Promise<unknown>;
  /** Does the work while no value can change. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/** A store in which nothing is set. */
export const NOTHING_SET: SettingsStore = {
  get: (_, fallback) => Promise.resolve(fallback),
  exclusively: (work) => work(),
};
