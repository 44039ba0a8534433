import { hostname } from 'node:os';
import { isGone, type ProcessIdentity, processIdentity } from '../../system/index.js';
import type { Announced, NodeRecord } from '../node-directory.js';

/** What a node says to all others of itself, again and again. */
export interface Presence {
  readonly record: NodeRecord;
  /** Counts how often it was said. */
  readonly beat: number;
  readonly host: string;
  readonly pid: number;
  /** Null where a process cannot be told from others. */
  readonly process: ProcessIdentity | null;
}

/** What does not change as long as a node lives. */
export interface NodeIdentity {
  readonly name: string;
  readonly boot: string;
  readonly version: string;
  readonly protocol: number;
}

const NOTHING: Announced = {
  state: 'joining',
  isScheduler: true,
  addresses: [],
  services: {},
  tasks: {},
  plugins: {},
  running: 0,
};

export function firstPresence(node: NodeIdentity, announced: Partial<Announced>): Presence {
  return {
    record: { ...NOTHING, ...announced, ...node, startedAt: new Date() },
    beat: 0,
    host: hostname(),
    pid: process.pid,
    process: processIdentity(process.pid),
  };
}

export function writePresence(presence: Presence): string {
  return JSON.stringify(presence);
}

/** Null where it is not one of a node; what one of another version leaves out is as if it had nothing. */
export function readPresence(name: string, text: string): Presence | null {
  const { record, ...found } = parsed(text) as Partial<Presence>;
  const { boot, protocol, startedAt } = (record ?? {}) as Partial<NodeRecord>;
  if (record === undefined || typeof boot !== 'string' || typeof protocol !== 'number') return null;
  const { beat = 0, host = 'an unknown host', pid = 0, process = null } = found;
  const since = new Date(startedAt ?? 0);
  return { record: { ...NOTHING, ...record, name, startedAt: since }, beat, host, pid, process };
}

/** In words, for whoever may not have its name. */
export function describePresence({ host, pid, record }: Presence): string {
  return `process ${pid} on ${host} since ${record.startedAt.toISOString()}`;
}

/** Whether its process is known to have ended. */
function isDead({ process }: Presence): boolean {
  return typeof process?.pid === 'number' && isGone(process);
}

function parsed(text: string): object {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null ? found : {};
  } catch {
    return {};
  }
}

/** Finds out whether somebody lives, by what is heard of him while this process watches. */
export class LifeSign {
  #sinceMs: number;
  #beat: number;

  constructor(
    first: Presence,
    private readonly leaseMs: number,
    nowMs: number,
  ) {
    this.#beat = first.beat;
    this.#sinceMs = nowMs;
  }

  look(presence: Presence, nowMs: number): 'alive' | 'dead' | 'unknown' {
    if (presence.beat !== this.#beat) return 'alive';
    if (isDead(presence)) return 'dead';
    return nowMs - this.#sinceMs >= this.leaseMs ? 'dead' : 'unknown';
  }
}
