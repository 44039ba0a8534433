import type { NodeRecord } from '../node-directory.js';
import type { Presence } from './presence.js';

/** Who is told what becomes of the other nodes. */
export interface NodeTableEvents {
  /** A node begins to serve, or serves again. */
  readonly onJoin: (node: NodeRecord) => void;
  /** Whatever a node tells of itself is another than before; joins, too. */
  readonly onChange: (node: NodeRecord) => void;
  readonly onGone: (node: NodeRecord, how: 'left' | 'lost') => void;
}

interface Member {
  presence: Presence;
  isLost: boolean;
  /** By this process's steady clock. */
  heardMs: number;
}

/**
 * The other nodes as they were heard of. Time is this process's own and steady: of what another one says
 * only that it is something new counts, never a time in it.
 */
export class NodeTable {
  readonly #members = new Map<string, Member>();

  constructor(
    private readonly leaseMs: number,
    private readonly events: NodeTableEvents,
  ) {}

  list(): readonly NodeRecord[] {
    return [...this.#members.values()].map(recordOf);
  }

  get(name: string): NodeRecord | undefined {
    const member = this.#members.get(name);
    return member === undefined ? undefined : recordOf(member);
  }

  /** What a node says of itself; the same once more is no sign of life. */
  hear(presence: Presence, nowMs: number): void {
    const { name, boot } = presence.record;
    const member = this.#members.get(name);
    if (member?.presence.record.boot !== boot) {
      if (member !== undefined) this.#replaced(member);
      this.#members.set(name, { presence, isLost: false, heardMs: nowMs });
      this.#tell(presence.record, 'joining');
      return;
    }
    if (presence.beat === member.presence.beat) return;
    const before = recordOf(member);
    Object.assign(member, { presence, isLost: false, heardMs: nowMs });
    const isSame = JSON.stringify(before) === JSON.stringify(presence.record);
    if (!isSame) this.#tell(presence.record, before.state);
  }

  /** A node has taken its presence away, or somebody that of a lost one. */
  remove(name: string): void {
    const member = this.#members.get(name);
    if (member === undefined) return;
    this.#members.delete(name);
    if (!member.isLost) this.events.onGone(recordOf(member), 'left');
  }

  /** Those of whom nothing was heard for the lease. */
  silent(nowMs: number): readonly string[] {
    return [...this.#members]
      .filter(([, { isLost, heardMs }]) => !isLost && nowMs - heardMs >= this.leaseMs)
      .map(([name]) => name);
  }

  /** Of a silent one nothing more is expected. */
  lose(name: string): void {
    const member = this.#members.get(name);
    if (member === undefined || member.isLost) return;
    member.isLost = true;
    this.events.onChange(recordOf(member));
    this.events.onGone(recordOf(member), 'lost');
  }

  /** It was this node that heard nothing: the others have a lease from now on. */
  pardon(nowMs: number): void {
    for (const member of this.#members.values()) member.heardMs = nowMs;
  }

  #replaced(member: Member): void {
    if (!member.isLost) this.events.onGone({ ...recordOf(member), state: 'lost' }, 'lost');
  }

  #tell(record: NodeRecord, before: NodeRecord['state']): void {
    const isBack = record.state === 'live' && before !== 'live' && before !== 'draining';
    if (isBack) this.events.onJoin(record);
    this.events.onChange(record);
  }
}

function recordOf({ presence, isLost }: Member): NodeRecord {
  return isLost ? { ...presence.record, state: 'lost' } : presence.record;
}
