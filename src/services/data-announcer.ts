import { Injectable } from '@nestjs/common';
import { READERS, SERVICES } from '../cluster/index.js';
import { EventRouter } from '../events/index.js';
import { DocumentConfigStore, DocumentStore, type RowChange } from '../datastore/index.js';
import { SettingsRegistry } from '../settings/index.js';

/** Written all the time, and told of by events of their own. */
const SILENT: ReadonlySet<string> = new Set(['tasks', 'sessions']);
/** Whoever is told of more rows than that reads the collection again anyway. */
const MAX_IDS = 1_000;

/**
 * Publishes `datastore.changed {collection, operation, ids}` and `settings.changed {keys}` after the
 * write is on disk, for services only: whose rows they are and what is in them, clients ask the
 * services for. Of settings that a plugin declares readers are told, too. Begins with the first that wants to know, and goes on from there, so that a service
 * that comes back finds in the replay what it missed.
 */
@Injectable()
export class DataAnnouncer {
  readonly #stops: (() => void)[] = [];
  #isWanted = false;

  constructor(
    private readonly store: DocumentStore,
    private readonly configstore: DocumentConfigStore,
    private readonly events: EventRouter,
    private readonly settings: SettingsRegistry,
  ) {}

  start(): void {
    const { configstore, events } = this;
    const wanted = { enable: () => this.#begin(), disable: () => undefined };
    this.#stops.push(
      events.interest.watch('datastore.changed', wanted),
      configstore.onChange(({ keys }, origin) => {
        if (origin === 'elsewhere') return; // told of by the server that changed it
        const isDeclared = (key: string): boolean => this.settings.isDeclared(key);
        const told = [keys.filter(isDeclared), keys.filter((key) => !isDeclared(key))] as const;
        if (told[0].length > 0) events.publish('settings.changed', { keys: told[0] }, READERS);
        if (told[1].length > 0) events.publish('settings.changed', { keys: told[1] }, SERVICES);
      }),
    );
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  #begin(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#stops.push(this.store.watchAll((change) => this.#announce(change)));
  }

  #announce({ collection, operation, ids }: RowChange): void {
    if (SILENT.has(collection)) return;
    const told = ids === null || ids.length > MAX_IDS ? null : [...ids];
    const args = { collection, operation, ids: told };
    this.events.publish('datastore.changed', args, SERVICES);
  }
}
