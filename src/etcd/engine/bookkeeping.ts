import type { FileState, GenerationReason, Revision } from '../model/index.js';
import { type FileRecord, newRecord, type StoredRevision, withRevision } from '../state/index.js';
import type { Item } from './item.js';

interface Occasion {
  readonly id: string;
  readonly reason: GenerationReason;
  readonly at: string;
  /** What became of the actions of the file, in words. */
  readonly action: string | null;
}

/** What is known of a file after a generation that it was in. */
export function recordAfter(
  old: FileRecord | undefined,
  item: Item,
  { id, reason, at, action }: Occasion,
): FileRecord {
  const { file, comparison, outcome, error } = item;
  const { metadata } = file;
  const known = old ?? newRecord(file.name, file.path);
  if (outcome === 'disabled' || outcome === null) return { ...known, outcome, error: null };
  const base: FileRecord = {
    ...known,
    path: file.path,
    at: comparison?.at ?? file.path,
    set: file.set,
    isSensitive: file.isSensitive || (known.isSensitive && item.isLost),
    outcome,
    error,
    generation: id,
    reason,
    generatedAt: at,
    writes: metadata.writes,
    attributes: metadata.attributes,
    reload: metadata.reload,
    onOrphan: metadata.onOrphan,
  };
  if (comparison === null || (item.isLost && item.before === null)) return base;
  if (item.isLost) return afterRollback(base, item, at);
  const placed = { placed: comparison.after, origin: 'generated', drift: null } as const;
  if (item.before === null) return { ...base, ...placed };
  const saved = withRevision(known, item.before, { savedAt: at });
  const { revisions, nextRevision } = saved;
  return {
    ...base,
    ...placed,
    revisions,
    nextRevision,
    changedAt: at,
    action: action ?? known.action,
  };
}

/** What lay there before lies there again, if it could be brought back. */
function afterRollback(base: FileRecord, { before, outcome }: Item, at: string): FileRecord {
  if (before === null || outcome !== 'rolled_back') return { ...base, changedAt: at };
  return { ...base, placed: before, drift: null };
}

export function isSameRecord(one: FileRecord | undefined, other: FileRecord): boolean {
  if (one === undefined) return false;
  const volatile = { generation: null, generatedAt: null, reason: null, outcome: null };
  return JSON.stringify({ ...one, ...volatile }) === JSON.stringify({ ...other, ...volatile });
}

export function stateOf(record: FileRecord): FileState {
  const { placed, error, drift } = record;
  return {
    name: record.name,
    path: record.path,
    set: record.set,
    state: stateWord(record),
    outcome: record.outcome,
    generation: record.generation,
    reason: record.reason,
    generatedAt: dateOf(record.generatedAt),
    changedAt: dateOf(record.changedAt),
    size: placed?.kind === 'file' ? placed.size : null,
    isSensitive: record.isSensitive,
    error,
    drift,
    action: record.action,
    metadata: {
      writes: record.writes,
      attributes: record.attributes,
      reload: record.reload,
      onOrphan: record.onOrphan ?? 'keep',
    },
  };
}

function stateWord({ outcome, drift, placed }: FileRecord): FileState['state'] {
  if (outcome === 'failed' || outcome === 'rolled_back' || outcome === 'skipped') return 'failed';
  if (drift !== null) return 'drifted';
  return placed === null ? 'pending' : 'clean';
}

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));

export function revisionOf({ n, generation, savedAt, origin, side }: StoredRevision): Revision {
  const { size, mode, uid, gid } = side;
  return {
    n,
    generation,
    saved_at: new Date(savedAt),
    size,
    origin,
    mode,
    owner: uid,
    group: gid,
  };
}
