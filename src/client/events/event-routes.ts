import { compileMask, type MaskMatcher } from '../../common/portable.js';
import type { DispatcherEvent } from './event-map.js';

/**
 * Events may be missing between two connections: read again whatever they keep up to date.
 * `journal`: the server no longer knows what came since `since`, because it was started again or too
 * much happened; `refused`: it did not say.
 */
export interface EventGap {
  readonly reason: 'journal' | 'refused';
  readonly masks: readonly string[];
  /** The cursor of the last event that is known to have come. */
  readonly since: string;
  /** From where on nothing is missing again; null when the server did not say. */
  readonly cursor: string | null;
}

/** One subscription of the application's. */
export interface Receiver {
  readonly masks: readonly string[];
  readonly onEvent: (event: DispatcherEvent) => void;
  readonly onGap?: ((gap: EventGap) => void) | undefined;
}

interface Route {
  readonly receiver: Receiver;
  readonly matchers: readonly MaskMatcher[];
  /** Came while there was no connection: what happened before it is none of its business. */
  missesReplay: boolean;
}

/** Names come from the server, and plugins may make up as many as they like. */
const MAX_REMEMBERED_NAMES = 1_000;

/** Which receivers want an event; worked out once for each name. */
export class EventRoutes {
  readonly #routes = new Map<Receiver, Route>();
  readonly #byName = new Map<string, readonly Route[]>();

  get all(): readonly Receiver[] {
    return [...this.#routes.keys()];
  }

  add(receiver: Receiver, { missesReplay }: { readonly missesReplay: boolean }): void {
    const matchers = receiver.masks.map(compileMask);
    this.#routes.set(receiver, { receiver, matchers, missesReplay });
    this.#byName.clear();
  }

  remove(receiver: Receiver): boolean {
    this.#byName.clear();
    return this.#routes.delete(receiver);
  }

  of(name: string): readonly Receiver[] {
    return this.#find(name).map(({ receiver }) => receiver);
  }

  /** Of an event that happened while there was no connection. */
  ofReplay(name: string): readonly Receiver[] {
    return this.#find(name)
      .filter(({ missesReplay }) => !missesReplay)
      .map(({ receiver }) => receiver);
  }

  /** From now on everybody gets everything. */
  endReplay(): void {
    for (const route of this.#routes.values()) route.missesReplay = false;
  }

  #find(name: string): readonly Route[] {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    if (this.#byName.size >= MAX_REMEMBERED_NAMES) this.#byName.clear();
    const found = [...this.#routes.values()].filter(({ matchers }) =>
      matchers.some((matches) => matches(name)),
    );
    this.#byName.set(name, found);
    return found;
  }
}
