import { Errno } from '../common/index.js';
import {
  type CollectionInfo,
  type CollectionOptions,
  DatastoreException,
} from '../sdk/datastore.js';
import { assertCollectionName, defineCollection } from './definition.js';
import type { DatastoreDriver } from './driver.js';
import { Semaphore } from './semaphore.js';
import { DEFINITIONS, type RowVersions } from './row-versions.js';
import type { StoreTerm } from './store-term.js';

/** Which collections there are, and what is known of them. */
export class Definitions {
  readonly #known = new Map<string, CollectionInfo>();
  // Definitions are read, changed and written back: one at a time
  readonly #lock = new Semaphore(1);
  #versions: RowVersions | null = null;
  #changes = 0;

  constructor(
    private readonly driver: DatastoreDriver,
    private readonly term: StoreTerm,
  ) {}

  /** From now on the servers that share the store are told. */
  share(versions: RowVersions): void {
    this.#versions = versions;
  }

  /** Believes nothing that is not in the store. */
  async reload(): Promise<void> {
    let changes: number;
    let present: readonly CollectionInfo[];
    do {
      changes = this.#changes;
      present = await this.driver.loadCollections();
    } while (changes !== this.#changes); // what was changed here meanwhile is newer
    this.#known.clear();
    for (const definition of present) this.#known.set(definition.name, definition);
  }

  require(name: string, options?: CollectionOptions): Promise<void> {
    assertCollectionName(name);
    return this.#lock.run(async () => {
      const present = this.#known.get(name) ?? (await this.#load(name));
      if (present !== undefined && options === undefined) return;
      const wanted = defineCollection(name, options ?? {}, present);
      if (present === undefined || JSON.stringify(wanted) !== JSON.stringify(present)) {
        await this.save(wanted);
      }
    });
  }

  async save(definition: CollectionInfo): Promise<void> {
    await this.#change(async () => {
      await this.term.change((options) => this.driver.saveCollection(definition, options));
      this.#changes += 1;
      this.#known.set(definition.name, definition);
    });
  }

  /** False when there was none. */
  drop(name: string): Promise<boolean> {
    return this.#lock.run(async () => {
      if ((await this.#load(name)) === undefined) return false;
      await this.#change(async () => {
        await this.term.change((options) => this.driver.dropCollection(name, options));
        this.#changes += 1;
        this.#known.delete(name);
      });
      return true;
    });
  }

  /** What was seen of it last: a promise for each of a thousand rows would show in the profile. */
  seen(name: string): CollectionInfo | undefined {
    return this.#known.get(name);
  }

  /** @throws DatastoreException ENOENT */
  async get(name: string): Promise<CollectionInfo> {
    const known = this.#known.get(name) ?? (await this.#load(name));
    if (known !== undefined) return known;
    throw new DatastoreException(Errno.ENOENT, `Collection ${name} not found`, {
      collection: name,
    });
  }

  async list(): Promise<readonly CollectionInfo[]> {
    const collections = await this.driver.loadCollections();
    return collections.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Before the first password is written: whoever reads rows of such a collection looks for them. */
  async expectPasswords({ name, hasPasswords }: CollectionInfo): Promise<void> {
    if (hasPasswords !== true || this.mayHavePasswords(name)) return;
    await this.#lock.run(async () => {
      const present = await this.get(name);
      if (present.hasPasswords !== true) await this.save({ ...present, hasPasswords });
    });
  }

  /** To be asked after rows were read: until then the collection may have got its first password. */
  mayHavePasswords(name: string): boolean {
    return this.#known.get(name)?.hasPasswords === true;
  }

  async #change(make: () => Promise<void>): Promise<void> {
    const versions = this.#versions;
    if (versions === null) return make();
    const made = await versions.framed(DEFINITIONS, make);
    await versions.tell([
      { collection: DEFINITIONS, ids: null, version: made.versions.get(DEFINITIONS) ?? 0 },
    ]);
  }

  // Another process may have made it: a miss is looked up, a hit is believed
  async #load(name: string): Promise<CollectionInfo | undefined> {
    for (const definition of await this.driver.loadCollections()) {
      this.#known.set(definition.name, definition);
    }
    return this.#known.get(name);
  }
}
