/** What the key of the lease holds: who has it, and in which term he leads. */
export interface LeaseRecord {
  readonly node: string;
  readonly boot: string;
  /** Null from when the lease is had until the term is. */
  readonly term: number | null;
  /** ISO 8601, for people. */
  readonly since: string;
  /** Counts how often it was renewed. */
  readonly beat: number;
}

export function writeLease(record: LeaseRecord): string {
  return JSON.stringify(record);
}

/** Null where nobody has it, or what is there is no lease. */
export function readLease(value: string | null | undefined): LeaseRecord | null {
  if (value === null || value === undefined) return null;
  try {
    const found = JSON.parse(value) as Partial<LeaseRecord> | null;
    if (typeof found?.node !== 'string' || typeof found.boot !== 'string') return null;
    const { node, boot, term = null, since = '', beat = 0 } = found;
    return { node, boot, term: typeof term === 'number' ? term : null, since, beat };
  } catch {
    return null;
  }
}
