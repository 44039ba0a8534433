import { once } from 'node:events';
import { Settings, type SettingsType } from '../sdk/index.js';

/** Settings whose values somebody else keeps up to date. */
export class LiveSettings<T extends object = object> extends Settings<T> {
  #value: Readonly<T>;
  #version = 0;
  /** Fires at the next change, and for good at the end. */
  #news = new AbortController();
  #isClosed = false;

  constructor(value: Readonly<T>) {
    super();
    this.#value = value;
  }

  override get value(): Readonly<T> {
    return this.#value;
  }

  override changes(signal?: AbortSignal): AsyncIterable<Readonly<T>> {
    return this.#follow(this.#version, signal);
  }

  update(value: Readonly<T>): void {
    this.#value = value;
    this.#version += 1;
    this.#announce();
  }

  /** Ends everybody's {@link changes}; the value stays. */
  close(): void {
    this.#isClosed = true;
    this.#announce();
  }

  async *#follow(from: number, signal?: AbortSignal): AsyncGenerator<Readonly<T>, void> {
    let seen = from;
    while (signal?.aborted !== true) {
      if (seen !== this.#version) {
        seen = this.#version;
        yield this.#value;
      } else if (this.#isClosed) return;
      else await firstOf(this.#news.signal, signal);
    }
  }

  #announce(): void {
    const news = this.#news;
    this.#news = new AbortController();
    news.abort();
  }
}

/** Resolves when one of the signals fires; leaves no listener behind. */
async function firstOf(news: AbortSignal, signal?: AbortSignal): Promise<void> {
  const over = new AbortController();
  const waits = [news, ...(signal === undefined ? [] : [signal])].map((each) =>
    each.aborted ? Promise.resolve([]) : once(each, 'abort', { signal: over.signal }),
  );
  const quiet = waits.map((wait) => wait.catch(() => undefined));
  await Promise.race(quiet);
  over.abort();
}

/** An object of the class with these values, which nobody can change by mistake. */
export function settingsObject(
  type: SettingsType,
  values: Readonly<Record<string, unknown>>,
): object {
  return freeze(Object.assign(new type(), values));
}

function freeze<T extends object>(value: T): T {
  for (const item of Object.values(value) as unknown[]) {
    if (isPlain(item) && !Object.isFrozen(item)) freeze(item);
  }
  return Object.freeze(value);
}

/** Bytes cannot be frozen, and a password shows nothing that could be changed. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
