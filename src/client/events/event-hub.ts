import { Errno } from '../../common/portable.js';
import type { Replay } from '../../wire/index.js';
import { DispatcherClientError, notConnected } from '../client-error.js';
import { guarded, Observers } from '../observers.js';
import type { AnswerSink, Wire, WireEvent } from '../wire.js';
import type { DispatcherEvent } from './event-map.js';
import { type EventGap, EventRoutes, type Receiver } from './event-routes.js';
import { MaskTable } from './mask-table.js';

/**
 * The subscriptions of a client, whichever connection carries them.
 *
 * The invariant: everything up to `#cursor` that a confirmed mask matches was delivered, once. Frames
 * of a connection keep their order, so the answer to `event.cursor` that was asked for behind a
 * `subscribe` confirms it: whatever came until then was delivered before. A new connection takes the
 * confirmed masks up with `event.replay(masks, {since, subscribe: true})`, which leaves nothing out
 * and sends nothing twice; masks that were never confirmed are subscribed to anew.
 */
export class EventHub {
  readonly gaps = new Observers<EventGap>();
  readonly #routes = new EventRoutes();
  readonly #masks = new MaskTable();
  /** Logged in; null while there is none. */
  #wire: Wire | null = null;
  #cursor: string | null = null;
  /** Between the asking for what was missed and its answer. */
  #isResuming = false;

  get masks(): readonly string[] {
    return this.#masks.all;
  }

  /** Adds a receiver; the promise resolves when the server sends what it wants. */
  add(receiver: Receiver): Promise<void> {
    this.#routes.add(receiver, { missesReplay: this.#wire === null || this.#isResuming });
    const added = this.#masks.acquire(receiver.masks);
    const wire = this.#wire;
    if (wire !== null && added.length > 0) this.#subscribe(wire, added);
    return this.#masks.confirmed(receiver.masks);
  }

  remove(receiver: Receiver): void {
    if (!this.#routes.remove(receiver)) return;
    const gone = this.#masks.release(receiver.masks);
    if (gone.length > 0) this.#wire?.events('unsubscribe', gone);
  }

  /** @throws DispatcherClientError ECONNABORTED while nobody is logged in */
  publish(name: string, args: unknown): void {
    if (this.#wire === null) throw notConnected();
    this.#wire.events('event', { name, args });
  }

  /**
   * The same, and resolves when the server has taken it: frames keep their order, so the answer to a
   * call that was sent behind it says so.
   */
  publishConfirmed(name: string, args: unknown): Promise<void> {
    const wire = this.#wire;
    return new Promise((resolve, reject) => {
      if (wire === null) throw notConnected();
      const request = wire.events(
        'event',
        { name, args },
        {
          onResponse: () => resolve(),
          onError: reject,
        },
      );
      const settle = (): void => {
        wire.forget(request);
        resolve();
      };
      wire.call('event.cursor', [], {
        onResponse: settle,
        onError: (error) => (error.code === Errno.ECONNABORTED ? reject(error) : settle()),
      });
    });
  }

  /** A login on a new connection, or another one on the present: what was subscribed to is taken up. */
  attach(wire: Wire): void {
    if (this.#wire === wire) return;
    this.#wire = wire;
    const since = this.#cursor;
    const kept = since === null ? [] : this.#masks.inState('confirmed');
    if (since !== null && kept.length > 0) this.#resume(wire, kept, since);
    else this.#endReplay();
    const fresh = this.#masks.all.filter((mask) => !kept.includes(mask));
    if (fresh.length > 0) this.#subscribe(wire, fresh);
  }

  detach(): void {
    this.#wire = null;
  }

  /** Nobody comes back: those who wait for their masks are told. */
  close(): void {
    this.detach();
    this.#masks.reject(this.#masks.all, notConnected());
  }

  /** Moves the cursor along although nothing came: a quiet mask must not fall out of the journal. */
  refresh(wire: Wire, onAnswer: () => void): void {
    this.#askCursor(wire, onAnswer);
  }

  receive(event: WireEvent): void {
    this.#cursor = event.cursor ?? this.#cursor;
    for (const receiver of this.#routes.of(event.name)) {
      guarded(() => receiver.onEvent(event as DispatcherEvent));
    }
  }

  #subscribe(wire: Wire, masks: readonly string[]): void {
    const tickets = this.#masks.begin(masks);
    const request = wire.events('subscribe', masks, {
      onResponse: () => undefined,
      onError: (error) => {
        if (error.code === Errno.ECONNABORTED) this.#masks.renew(tickets);
        else this.#masks.refuse(tickets, error);
      },
    });
    this.#askCursor(wire, () => {
      wire.forget(request);
      this.#masks.confirm(tickets);
    });
  }

  #askCursor(wire: Wire, onAnswer: () => void): void {
    wire.call('event.cursor', [], {
      onResponse: (cursor) => {
        if (wire === this.#wire && typeof cursor === 'string') this.#cursor = cursor;
        onAnswer();
      },
      onError: ({ code }) => {
        if (code !== Errno.ECONNABORTED) onAnswer(); // a server without cursors
      },
    });
  }

  #resume(wire: Wire, masks: readonly string[], since: string): void {
    const sink: AnswerSink = {
      onResponse: (answer) => this.#replayed(answer as Replay, { masks, since }),
      onError: (error) => this.#notReplayed(error, { masks, since }),
    };
    this.#isResuming = true;
    wire.call('event.replay', [masks, { since, subscribe: true }], sink);
  }

  #replayed({ events, cursor, gap }: Replay, { masks, since }: Wanted): void {
    for (const { name, args, cursor: at, cause } of events) {
      this.#deliverMissed({ name, args, cursor: at, cause: cause ?? null });
    }
    this.#cursor = cursor;
    this.#endReplay();
    if (gap) this.#tellGap({ reason: 'journal', masks, since, cursor });
  }

  #notReplayed(error: DispatcherClientError, { masks, since }: Wanted): void {
    if (error.code === Errno.ECONNABORTED || this.#wire === null) return; // the next connection asks again
    this.#endReplay();
    this.#cursor = null;
    this.#subscribe(this.#wire, this.#masks.present(masks));
    this.#tellGap({ reason: 'refused', masks, since, cursor: null });
  }

  #deliverMissed(event: WireEvent): void {
    this.#cursor = event.cursor ?? this.#cursor;
    for (const receiver of this.#routes.ofReplay(event.name)) {
      guarded(() => receiver.onEvent(event as DispatcherEvent));
    }
  }

  #endReplay(): void {
    this.#isResuming = false;
    this.#routes.endReplay();
  }

  #tellGap(gap: EventGap): void {
    for (const receiver of this.#routes.all) guarded(() => receiver.onGap?.(gap));
    this.gaps.tell(gap);
  }
}

interface Wanted {
  readonly masks: readonly string[];
  readonly since: string;
}
