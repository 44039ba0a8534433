import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { mongo } from 'mongoose';
import { isGone, type ProcessIdentity } from '../../../system/index.js';
import {
  describeCluster,
  describeHolder,
  type LeaseHolder,
  type LeaseRequest,
  StoreInUseException,
} from '../../lease.js';
import type { MongoSession } from './mongo-session.js';
import type { Terms } from './terms.js';

const DUPLICATE = 11_000;
export const ROW = 'server';

export interface LeaseTimes {
  readonly beatMs: number;
  /** After so long without a beat the holder is taken to be gone. */
  readonly silenceMs: number;
  readonly pollMs: number;
}

export const TIMES: LeaseTimes = { beatMs: 3_000, silenceMs: 15_000, pollMs: 250 };

/** A node of the cluster that has the store. */
export interface LeaseNode {
  readonly node: string;
  readonly owner: LeaseHolder;
  readonly process: ProcessIdentity | null;
}

/** What a server writes about itself; of a row that is found, none of it is sure to be there. */
export interface LeaseRow {
  readonly _id: string;
  readonly owner: LeaseHolder;
  /** Null where a process cannot be told from others. */
  readonly process: ProcessIdentity | null;
  /** Of this start of the server. */
  readonly boot: string;
  readonly term: number;
  readonly beat: number;
  readonly released: boolean;
  /** Whose nodes share the store; not there where one server has it. */
  readonly cluster?: string;
  /** By the start of their server. */
  readonly nodes?: Readonly<Record<string, LeaseNode>>;
}

/** The fields that change when somebody is there. */
const SIGNS = ['boot', 'term', 'beat', 'released'] as const;

/** Finds the row only if it is as it was seen. */
export function asSeen(seen: LeaseRow): mongo.Filter<LeaseRow> {
  const found: Partial<LeaseRow> = seen;
  const signs = SIGNS.map((sign) => [sign, found[sign] ?? { $exists: sign in found }]);
  return { _id: ROW, ...Object.fromEntries(signs) } as mongo.Filter<LeaseRow>;
}

export async function insertRow(rows: mongo.Collection<LeaseRow>, row: LeaseRow): Promise<boolean> {
  try {
    await rows.insertOne(row);
    return true;
  } catch (error) {
    if ((error as { readonly code?: number }).code === DUPLICATE) return false;
    throw error;
  }
}

/** Who stands for the lease of a store. */
export interface Competitor {
  readonly session: MongoSession;
  readonly rows: mongo.Collection<LeaseRow>;
  readonly terms: Terms;
  readonly request: LeaseRequest;
  readonly times: LeaseTimes;
  /** Takes the row as it was seen; false when it is not so any more. */
  readonly take: (row: LeaseRow | null, lastTerm: number) => Promise<boolean>;
  /** Whether a row that somebody has may be had all the same. */
  readonly mayShare: (row: LeaseRow) => boolean;
}

/** @throws (rejects with) StoreInUseException naming the holder */
export async function compete(competitor: Competitor): Promise<void> {
  const { session, rows, terms, request, times, take, mayShare } = competitor;
  const watch = new Watch(times, (holder) => request.onWaiting?.(holder));
  for (;;) {
    const row = await rows.findOne({ _id: ROW });
    const lastTerm = await terms.current();
    const isShared = row !== null && mayShare(row);
    const seen = isShared ? 'vacant' : watch.look(row, lastTerm);
    if (seen === 'alive') throw inUse(session, row);
    if (seen === 'vacant' && (await take(row, lastTerm))) return;
    await delay(times.pollMs);
  }
}

/** Who has the store, in words. */
export function describeRow(row: LeaseRow | null): string {
  if (row?.cluster === undefined) return describeHolder(row?.owner);
  const nodes = Object.values(row.nodes ?? {});
  return describeCluster(row.cluster, nodes);
}

function inUse({ address: { shown } }: MongoSession, row: LeaseRow | null): StoreInUseException {
  const by = row?.cluster === undefined ? 'server' : 'cluster';
  return new StoreInUseException(shown, describeRow(row), by);
}

/** Watches whether somebody is there, by the beat and by nothing else that takes time. */
class Watch {
  #signs: string | null = null;
  #sinceMs = 0;
  #isTold = false;

  constructor(
    private readonly times: LeaseTimes,
    private readonly onSilence: (holder: string) => void,
  ) {}

  look(row: LeaseRow | null, term: number): 'alive' | 'vacant' | 'unknown' {
    // who finds no row where servers have been may be quicker than one who puts his back
    if (row === null ? term === 0 : isVacant(row)) return 'vacant';
    const signs = row === null ? '' : signsOf(row);
    if (this.#signs === null) {
      this.#signs = signs;
      this.#sinceMs = performance.now();
    }
    if (signs !== this.#signs) return row === null ? 'unknown' : 'alive';
    const silentMs = performance.now() - this.#sinceMs;
    if (silentMs > this.times.beatMs * 2 && !this.#isTold) {
      this.#isTold = true;
      this.onSilence(describeRow(row));
    }
    return silentMs >= this.times.silenceMs ? 'vacant' : 'unknown';
  }
}

/** Nobody has it any more, for all that can be known at once. */
function isVacant({ released, process, nodes = {} }: Partial<LeaseRow>): boolean {
  if (released === true || isKnownGone(process)) return true;
  const others = Object.values(nodes);
  return others.length > 0 && others.every((node) => isKnownGone(node.process));
}

export function isKnownGone(found: unknown): boolean {
  const { pid } = (found ?? {}) as Partial<ProcessIdentity>;
  return typeof pid === 'number' && isGone(found as ProcessIdentity);
}

function signsOf(row: LeaseRow): string {
  return inspect(SIGNS.map((sign) => row[sign]));
}
