import type { EventTypeRow } from '../../../wire/index.js';
import type { Entity } from '../namespaces/index.js';
import type { Session } from '../../session/index.js';
import { branchesOf } from '../../values/index.js';

/** A row, as far as somebody has to know it to choose it. */
interface LiveKey {
  readonly key: string;
  readonly label: string;
}

export interface LiveKeys {
  readonly keys: readonly LiveKey[];
  /** There are more, or nobody knows yet. */
  readonly isPartial: boolean;
}

interface Kept extends LiveKeys {
  readonly untilMs: number;
}

const FRESH_MS = 5_000;
/** Rows of one query. */
const LIMIT = 100;
/** Nobody waits so long; a query that takes longer is given up, so that another can be asked. */
const QUERY_LIMIT_MS = 10_000;
const MAX_KEPT = 200;

export interface LiveOptions {
  readonly call: Session['call'];
  /** How long a completion waits for the server. */
  readonly waitMs: number;
  readonly now?: () => number;
}

/**
 * What a server has at present, for completion: keys of rows, names of events. Asks by `query` methods and
 * `discovery` only, one query at a time, and keeps the answer for five seconds.
 */
export class LiveValues {
  readonly #kept = new Map<string, Kept>();
  #running: { readonly of: string; readonly done: Promise<void> } | null = null;
  #events: Promise<ReadonlyMap<string, string>> | null = null;
  readonly #now: () => number;

  constructor(private readonly options: LiveOptions) {
    this.#now = options.now ?? Date.now;
  }

  /** Keys that begin so; at once where they are known. */
  keys(entity: Entity, prefix: string): LiveKeys | Promise<LiveKeys> {
    const known = this.#known(entity, prefix);
    return known ?? this.#wait(entity, prefix);
  }

  /** Names of events with their descriptions; empty where the server does not say in time. */
  async events(): Promise<ReadonlyMap<string, string>> {
    this.#events ??= this.#askEvents();
    const names = await within(this.#events, this.options.waitMs);
    return names ?? new Map();
  }

  /** What was known may have changed: the server offers something else. */
  forget(): void {
    this.#kept.clear();
    this.#events = null;
  }

  /** An answer for a shorter beginning will do, if it had all there is. */
  #known(entity: Entity, prefix: string): LiveKeys | null {
    for (let length = prefix.length; length >= 0; length -= 1) {
      const kept = this.#kept.get(nameOf(entity, prefix.slice(0, length)));
      if (kept === undefined || kept.untilMs < this.#now()) continue;
      if (length < prefix.length && kept.isPartial) continue;
      return { keys: beginning(kept.keys, prefix), isPartial: kept.isPartial };
    }
    return null;
  }

  async #wait(entity: Entity, prefix: string): Promise<LiveKeys> {
    const of = nameOf(entity, prefix);
    if (this.#running !== null && this.#running.of !== of) return NOTHING_YET;
    this.#running ??= { of, done: this.#ask(entity, prefix, of) };
    await within(this.#running.done, this.options.waitMs);
    return this.#known(entity, prefix) ?? NOTHING_YET;
  }

  async #ask(entity: Entity, prefix: string, of: string): Promise<void> {
    const { query, key, label } = entity;
    const select = label === null || label === key ? [key] : [key, label];
    const filter = prefix !== '' && isText(entity) ? [[key, '~', `^${escaped(prefix)}`]] : [];
    try {
      const args = [filter, { select, sort: key, limit: LIMIT }];
      const rows = await this.options.call(query.method, args, { timeoutMs: QUERY_LIMIT_MS });
      const keys = Array.isArray(rows) ? rows.map((row) => liveKey(row, select)) : [];
      this.#keep(of, {
        keys: keys.filter(({ key: text }) => text !== ''),
        isPartial: keys.length >= LIMIT,
        untilMs: this.#now() + FRESH_MS,
      });
    } catch {
      // no keys can be told; asked again the next time
    } finally {
      this.#running = null;
    }
  }

  #keep(of: string, kept: Kept): void {
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(of, kept);
  }

  async #askEvents(): Promise<ReadonlyMap<string, string>> {
    try {
      const types = await this.options.call<Readonly<Record<string, EventTypeRow>>>(
        'discovery.get_event_types',
      );
      return new Map(
        Object.entries(types).map(([name, { description }]) => [name, description ?? '']),
      );
    } catch {
      this.#events = null;
      return new Map();
    }
  }
}

const NOTHING_YET: LiveKeys = { keys: [], isPartial: true };

const nameOf = ({ service }: Entity, prefix: string): string => `${service} ${prefix}`;

const beginning = (keys: readonly LiveKey[], prefix: string): readonly LiveKey[] =>
  keys.filter(({ key }) => key.startsWith(prefix));

/** A pattern is only for text; of a number all rows are asked for. */
function isText({ properties, key, definitions }: Entity): boolean {
  const schema = properties !== null && Object.hasOwn(properties, key) ? properties[key] : {};
  return branchesOf(schema, definitions).some(({ type }) => type === 'string');
}

/** A row as it was selected: bare, a list, or an object. */
function liveKey(row: unknown, [keyName = '', labelName = '']: readonly string[]): LiveKey {
  const [key, label] = Array.isArray(row)
    ? (row as readonly unknown[])
    : typeof row === 'object' && row !== null
      ? [(row as Record<string, unknown>)[keyName], (row as Record<string, unknown>)[labelName]]
      : [row];
  return { key: keyText(key), label: keyText(label) };
}

function keyText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  const { $long } = (value ?? {}) as { readonly $long?: unknown };
  return typeof $long === 'string' ? $long : '';
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Null when it takes longer. */
async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
