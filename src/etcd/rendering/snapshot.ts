import { Password, stringifyWithSecrets } from '../../common/index.js';
import type { Redactor } from '../model/index.js';
import type { DataRequest } from '../worker/index.js';
import type { DataSourcePort } from './data-port.js';

/**
 * What one generation sees: each distinct read happens once, however many files ask for it, so that they
 * agree with each other.
 */
export class Snapshot {
  readonly #reads = new Map<string, Promise<unknown>>();
  readonly #secrets: Password[] = [];
  readonly #references = new Map<string, number>();

  constructor(
    private readonly data: DataSourcePort,
    private readonly redactor: Redactor,
  ) {}

  /** How one file looks at it; notes what the file depends on. */
  view(): SnapshotView {
    return new SnapshotView(this, (name) => this.data.knowsEvent(name));
  }

  /** @internal */
  read(request: Exclude<DataRequest, { reveal: number }>): Promise<unknown> {
    const key = stringifyWithSecrets(request);
    let read = this.#reads.get(key);
    if (read === undefined) {
      read = this.#fetch(request);
      read.catch(() => undefined); // whoever asks is told
      this.#reads.set(key, read);
    }
    return read;
  }

  /** @internal The number that a renderer asks for a password by. */
  refer(secret: Password): number {
    const text = secret.reveal();
    const known = this.#references.get(text);
    if (known !== undefined) return known;
    const reference = this.#secrets.push(secret) - 1;
    this.#references.set(text, reference);
    return reference;
  }

  /** @internal @throws Error for a number that was not given */
  reveal(reference: number): string {
    const secret = this.#secrets[reference];
    if (secret === undefined) throw new Error('There is no such password');
    const text = secret.reveal();
    this.redactor.add(text);
    return text;
  }

  #fetch(request: Exclude<DataRequest, { reveal: number }>): Promise<unknown> {
    if ('call' in request) {
      const [method, ...args] = request.call;
      return this.data.call(method, args);
    }
    if ('query' in request) {
      const [collection, filter = null, params = null] = request.query;
      return this.data.query(collection, filter, params);
    }
    return this.data.config(request.config);
  }
}

/** What one file has read. */
export class SnapshotView {
  readonly #dependencies = new Set<string>();
  #hasRevealed = false;

  constructor(
    private readonly snapshot: Snapshot,
    private readonly knowsEvent: (name: string) => boolean,
  ) {}

  /** `collection:x`, `config:a.b`, `event:ns.changed`. */
  get dependencies(): readonly string[] {
    return [...this.#dependencies];
  }

  get hasRevealed(): boolean {
    return this.#hasRevealed;
  }

  /** @throws what the dispatcher answers */
  async read(request: DataRequest): Promise<unknown> {
    if ('reveal' in request) {
      this.#hasRevealed = true;
      return this.snapshot.reveal(request.reveal);
    }
    const dependency = this.#dependencyOf(request);
    if (dependency !== null) this.#dependencies.add(dependency);
    return this.snapshot.read(request);
  }

  refer(secret: Password): number {
    return this.snapshot.refer(secret);
  }

  #dependencyOf(request: Exclude<DataRequest, { reveal: number }>): string | null {
    if ('query' in request) return `collection:${request.query[0]}`;
    if ('config' in request) return `config:${request.config}`;
    const [method] = request.call;
    const event = `${method.slice(0, method.lastIndexOf('.'))}.changed`;
    return this.knowsEvent(event) ? `event:${event}` : null;
  }
}
