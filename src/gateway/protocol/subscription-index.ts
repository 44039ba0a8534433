import { compileMask, isPattern, type MaskMatcher } from '../../common/index.js';

interface Pattern<S> {
  /** Patterns are numbered as they come, so that a name knows which ones it has not been held against. */
  readonly number: number;
  readonly matches: MaskMatcher;
  /** Empty for good once the last subscriber went. */
  readonly subscribers: Set<S>;
}

/** What is remembered of an event name. */
interface Known<S> {
  patterns: readonly Pattern<S>[];
  /** The number of the latest pattern that the name was held against. */
  upTo: number;
  /** As of which change of the index `subscribers` is right. */
  version: number;
  subscribers: ReadonlySet<S>;
  /** How much it counts towards {@link MAX_REMEMBERED}. */
  weight: number;
}

/** Names, patterns of names and subscribers of names, taken together: some tens of megabytes at most. */
const MAX_REMEMBERED = 500_000;
const MAX_REMEMBERED_NAMES = 4_096;
const NOBODY: ReadonlySet<never> = new Set<never>();

/**
 * Who wants which events. Each mask is held once however many subscribe to it. A mask without
 * wildcards is a look-up; of the others every name remembers those that match it, and a name is held
 * against a mask once in its life: neither a busy event nor a client that subscribes and
 * unsubscribes without end makes anybody match the masks of all clients again.
 */
export class SubscriptionIndex<S> {
  readonly #exact = new Map<string, Set<S>>();
  readonly #patterns = new Map<string, Pattern<S>>();
  /** All patterns by number, and some that have gone. */
  #numbered: Pattern<S>[] = [];
  #lastNumber = 0;
  #version = 0;
  readonly #known = new Map<string, Known<S>>();
  #remembered = 0;

  constructor(private readonly compile: (mask: string) => MaskMatcher = compileMask) {}

  add(mask: string, subscriber: S): void {
    this.#version += 1;
    this.#subscribersTo(mask).add(subscriber);
  }

  remove(mask: string, subscriber: S): void {
    const subscribers = this.#exact.get(mask) ?? this.#patterns.get(mask)?.subscribers;
    if (subscribers?.delete(subscriber) !== true) return;
    this.#version += 1;
    if (subscribers.size > 0) return;
    this.#exact.delete(mask);
    if (this.#patterns.delete(mask)) this.#tidy();
  }

  /** Everybody who wants the event, each once however many of its masks match. */
  subscribersOf(event: string): ReadonlySet<S> {
    if (this.#patterns.size === 0) return this.#exact.get(event) ?? NOBODY;
    const known = this.#known.get(event) ?? this.#newName(event);
    if (known.version !== this.#version) this.#refresh(event, known);
    return known.subscribers;
  }

  #subscribersTo(mask: string): Set<S> {
    const isGlob = isPattern(mask);
    const present = isGlob ? this.#patterns.get(mask)?.subscribers : this.#exact.get(mask);
    if (present !== undefined) return present;
    const subscribers = new Set<S>();
    if (isGlob) this.#addPattern(mask, subscribers);
    else this.#exact.set(mask, subscribers);
    return subscribers;
  }

  #addPattern(mask: string, subscribers: Set<S>): void {
    this.#lastNumber += 1;
    const pattern = { number: this.#lastNumber, matches: this.compile(mask), subscribers };
    this.#patterns.set(mask, pattern);
    this.#numbered.push(pattern);
  }

  /** Half of the list may have gone: then it has been that long since it was last gone through. */
  #tidy(): void {
    if (this.#numbered.length > 2 * this.#patterns.size) {
      this.#numbered = this.#numbered.filter(isAlive);
    }
  }

  #newName(event: string): Known<S> {
    const known = { patterns: [], upTo: 0, version: -1, subscribers: NOBODY, weight: 1 };
    this.#known.set(event, known);
    this.#remembered += 1;
    return known;
  }

  #refresh(event: string, known: Known<S>): void {
    known.patterns = [...known.patterns.filter(isAlive), ...this.#newFor(event, known)];
    known.upTo = this.#lastNumber;
    known.version = this.#version;
    const sets = known.patterns.map(({ subscribers }) => subscribers);
    const exact = this.#exact.get(event);
    if (exact !== undefined) sets.push(exact);
    known.subscribers = union(sets);
    const weight = 1 + sets.length + (sets.length > 1 ? known.subscribers.size : 0);
    this.#remembered += weight - known.weight;
    known.weight = weight;
    this.#forgetOldest(event);
  }

  /** The matching ones among the patterns that came since the name was last held against them. */
  #newFor(event: string, { upTo }: Known<S>): Pattern<S>[] {
    const found: Pattern<S>[] = [];
    for (let i = this.#numbered.length - 1; i >= 0; i -= 1) {
      const pattern = this.#numbered[i];
      if (pattern === undefined || pattern.number <= upTo) break;
      if (isAlive(pattern) && pattern.matches(event)) found.push(pattern);
    }
    return found;
  }

  #forgetOldest(except: string): void {
    for (const [name, { weight }] of this.#known) {
      const isEnough =
        this.#remembered <= MAX_REMEMBERED && this.#known.size <= MAX_REMEMBERED_NAMES;
      if (isEnough) return;
      if (name === except) continue;
      this.#known.delete(name);
      this.#remembered -= weight;
    }
  }
}

function isAlive({ subscribers }: Pattern<unknown>): boolean {
  return subscribers.size > 0;
}

/** A single set is not copied: it stays right by itself. */
function union<S>(sets: readonly ReadonlySet<S>[]): ReadonlySet<S> {
  const [first] = sets;
  if (first === undefined) return NOBODY;
  if (sets.length === 1) return first;
  const all = new Set<S>(first);
  for (const set of sets) for (const subscriber of set) all.add(subscriber);
  return all;
}
