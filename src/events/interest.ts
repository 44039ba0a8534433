import { compileMask, isPattern, type MaskMatcher } from '../common/index.js';

/** Told when somebody begins and when nobody goes on to want an event. Calls alternate, `enable` first. */
export interface InterestWatcher {
  enable?(event: string): void | Promise<void>;
  disable?(event: string): void | Promise<void>;
}

/** Ends a watch, as if the last subscriber had gone: `disable` is called if `enable` was the last. */
export type Unwatch = () => void;

interface Watch {
  readonly watcher: InterestWatcher;
  isEnabled: boolean;
}

interface WatchedName {
  readonly name: string;
  readonly watches: Set<Watch>;
  /** How many (subscriber, mask) pairs match the name. */
  pairs: number;
}

interface CountedMask {
  readonly matches: MaskMatcher;
  /** The watched names that match: nothing is matched twice for the second subscriber of a mask. */
  readonly names: Set<WatchedName>;
  count: number;
  /** Those at this node. */
  own: number;
}

/**
 * How many want which events, whoever they are: connections, handlers and waits inside the server
 * each add a mask when they begin and remove it when they end.
 *
 * Counts are kept up to date instead of added up: a mask that somebody has already costs a step for
 * each watched name it matches, a new mask without wildcards one look-up, a new glob one match for
 * each watched name, and a newly watched name one match for each distinct glob.
 *
 * @example
 * const unwatch = interest.watch('disk.attached', { enable: () => start(), disable: () => stop() });
 */
export class Interest {
  readonly #masks = new Map<string, CountedMask>();
  /** The keys of `#masks` that have wildcards; a name finds the others by itself. */
  readonly #globs = new Set<CountedMask>();
  readonly #names = new Map<string, WatchedName>();

  constructor(
    /** What a watcher threw is told here and hurts nobody else. */
    private readonly report: (event: string, error: unknown) => void,
    /** Told of each mask that somebody at this node begins to want, or nobody goes on to. */
    private readonly tell: (mask: string, isWanted: boolean) => void = () => undefined,
  ) {}

  /** One subscriber more for the mask; pair each with one {@link remove}. */
  add(mask: string): void {
    const counted = this.#masks.get(mask) ?? this.#meet(mask);
    counted.own += 1;
    if (counted.own === 1) this.tell(mask, true);
    this.#add(counted);
  }

  /** One subscriber less; a mask that nobody has is left alone, so that counts never go below zero. */
  remove(mask: string): void {
    const counted = this.#masks.get(mask);
    if (counted === undefined || counted.own === 0) return;
    counted.own -= 1;
    if (counted.own === 0) this.tell(mask, false);
    this.#remove(mask, counted);
  }

  /** Another node begins to want the mask, or ceases to: a source is of use while any node wants it. */
  wantElsewhere(mask: string, isWanted: boolean): void {
    const counted = this.#masks.get(mask);
    if (isWanted) this.#add(counted ?? this.#meet(mask));
    else if (counted !== undefined && counted.count > counted.own) this.#remove(mask, counted);
  }

  #add(counted: CountedMask): void {
    counted.count += 1;
    this.#count(counted, 1);
  }

  #remove(mask: string, counted: CountedMask): void {
    counted.count -= 1;
    if (counted.count === 0) {
      this.#masks.delete(mask);
      this.#globs.delete(counted);
    }
    this.#count(counted, -1);
  }

  /**
   * Watches one event: `enable` is called at once when somebody wants it already. What a watcher
   * throws or rejects with is reported and counts as having been told.
   */
  watch(name: string, watcher: InterestWatcher): Unwatch {
    const watched = this.#names.get(name) ?? this.#startWatching(name);
    const watch: Watch = { watcher, isEnabled: false };
    watched.watches.add(watch);
    this.#settle(watched, watch);
    return () => {
      if (!watched.watches.delete(watch)) return;
      if (watched.watches.size === 0) this.#stopWatching(watched);
      if (watch.isEnabled) this.#tell(watched, watch);
    };
  }

  /** How many (subscriber, mask) pairs match the event. */
  countOf(name: string): number {
    const watched = this.#names.get(name);
    if (watched !== undefined) return watched.pairs;
    return this.#masksMatching(name).reduce((sum, { count }) => sum + count, 0);
  }

  #meet(mask: string): CountedMask {
    const matches = compileMask(mask);
    const isGlob = isPattern(mask);
    const candidates = isGlob ? this.#names.values() : [this.#names.get(mask)];
    const names = new Set<WatchedName>();
    for (const watched of candidates) {
      if (watched !== undefined && matches(watched.name)) names.add(watched);
    }
    const counted = { matches, names, count: 0, own: 0 };
    this.#masks.set(mask, counted);
    if (isGlob) this.#globs.add(counted);
    return counted;
  }

  #startWatching(name: string): WatchedName {
    const masks = this.#masksMatching(name);
    const pairs = masks.reduce((sum, { count }) => sum + count, 0);
    const watched: WatchedName = { name, watches: new Set(), pairs };
    for (const { names } of masks) names.add(watched);
    this.#names.set(name, watched);
    return watched;
  }

  #stopWatching(watched: WatchedName): void {
    this.#names.delete(watched.name);
    for (const { names } of this.#globs) names.delete(watched);
    this.#masks.get(watched.name)?.names.delete(watched);
  }

  #masksMatching(name: string): CountedMask[] {
    const masks = [...this.#globs].filter(({ matches }) => matches(name));
    const literal = this.#masks.get(name);
    if (literal !== undefined && !this.#globs.has(literal)) masks.push(literal);
    return masks;
  }

  /** All counts are right before anybody is told, since a watcher may subscribe and watch itself. */
  #count({ names }: CountedMask, difference: 1 | -1): void {
    const turned: WatchedName[] = [];
    for (const watched of names) {
      const wasWanted = watched.pairs > 0;
      watched.pairs += difference;
      if (watched.pairs > 0 !== wasWanted) turned.push(watched);
    }
    for (const watched of turned) {
      for (const watch of [...watched.watches]) this.#settle(watched, watch);
    }
  }

  /** By the present count, not the one that led here: another watcher may have changed it meanwhile. */
  #settle(watched: WatchedName, watch: Watch): void {
    if (!watched.watches.has(watch)) return;
    if (watch.isEnabled !== watched.pairs > 0) this.#tell(watched, watch);
  }

  #tell({ name }: WatchedName, watch: Watch): void {
    watch.isEnabled = !watch.isEnabled;
    try {
      const { watcher } = watch;
      const told: unknown = watch.isEnabled ? watcher.enable?.(name) : watcher.disable?.(name);
      if (told instanceof Promise) told.catch((error: unknown) => this.report(name, error));
    } catch (error) {
      this.report(name, error);
    }
  }
}
