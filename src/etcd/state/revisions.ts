import { type BackupStore, isSameSide, type Side } from '../commit/index.js';
import type { Journal } from './journal.js';
import type { FileRecord, StoredRevision } from './records.js';

/** How many old contents are kept. */
export interface KeepLimits {
  /** Of each file. */
  readonly count: number;
  /** Of all files. */
  readonly maxBytes: number;
}

/** A record with what lay there as its newest revision, whose bytes are in the backups already. */
export function withRevision(
  record: FileRecord,
  before: Side,
  saved: Pick<StoredRevision, 'savedAt'>,
): FileRecord {
  if (before.kind !== 'file') return record;
  const newest = record.revisions[0];
  if (newest !== undefined && isSameSide(newest.side, before)) return record;
  const isOurs =
    record.placed !== null && record.origin === 'generated' && isSameSide(record.placed, before);
  const revision: StoredRevision = {
    n: record.nextRevision,
    generation: isOurs ? record.generation : null,
    origin: isOurs ? 'generated' : 'foreign',
    side: before,
    ...saved,
  };
  return {
    ...record,
    revisions: [revision, ...record.revisions],
    nextRevision: record.nextRevision + 1,
  };
}

/**
 * Lets go of the oldest contents beyond the limits; what a generation that is not over may need to go
 * back stays.
 */
export async function trimBackups(
  journal: Journal,
  backups: BackupStore,
  { count, maxBytes }: KeepLimits,
): Promise<void> {
  for (const record of journal.files.values()) {
    if (record.revisions.length <= count) continue;
    journal.note({ ...record, revisions: record.revisions.slice(0, count) });
  }
  if (backups.total > maxBytes) forgetOldest(journal, maxBytes);
  await backups.keepOnly(namedDigests(journal));
}

function forgetOldest(journal: Journal, maxBytes: number): void {
  const all = [...journal.files.values()].flatMap(({ name, revisions }) =>
    revisions.map((revision) => ({ name, revision })),
  );
  all.sort((a, b) => (a.revision.savedAt < b.revision.savedAt ? 1 : -1));
  const kept = new Map<string, Set<number>>();
  const counted = new Set<string>();
  let total = 0;
  for (const { name, revision } of all) {
    const { digest, size } = revision.side;
    if (!counted.has(digest)) total += size;
    if (total > maxBytes) break;
    counted.add(digest);
    const numbers = kept.get(name) ?? new Set();
    kept.set(name, numbers.add(revision.n));
  }
  for (const record of journal.files.values()) {
    const revisions = record.revisions.filter(({ n }) => kept.get(record.name)?.has(n) === true);
    if (revisions.length < record.revisions.length) journal.note({ ...record, revisions });
  }
}

function namedDigests(journal: Journal): ReadonlySet<string> {
  const named = new Set<string>();
  for (const { revisions } of journal.files.values()) {
    for (const { side } of revisions) named.add(side.digest);
  }
  for (const { steps } of journal.generations.values()) {
    for (const { before } of steps) if (before.kind === 'file') named.add(before.digest);
  }
  return named;
}
