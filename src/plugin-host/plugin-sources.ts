import type { Type } from '@nestjs/common';
import { SupervisedSource, type SupervisionPorts } from '../events/index.js';
import type { EventSource } from '../sdk/index.js';

/** A class and the object made of it. */
export interface Constructed<T> {
  readonly type: Type<T>;
  readonly instance: T;
}

interface Entry {
  readonly className: string;
  readonly supervised: SupervisedSource;
}

/**
 * The event sources of one generation of a plugin and the events that each of them is told about:
 *
 * - the one it is named after,
 * - those it registered itself, through its own `dispatcher`,
 * - as long as it is the plugin's only source, all others that the plugin registered.
 *
 * Sources begin to run when the plugin is initialised; one that comes later begins at once.
 */
export class PluginSources {
  readonly #sources = new Map<string, Entry>();
  /** The plugin's event types; the source that registered each, or null when it was somebody else. */
  readonly #types = new Map<string, string | null>();
  #isStarted = false;

  constructor(
    private readonly plugin: string,
    private readonly ports: SupervisionPorts,
  ) {}

  add(name: string, { type, instance }: Constructed<EventSource>): SupervisedSource {
    const { plugin } = this;
    const supervised = new SupervisedSource({ name, plugin, instance }, this.ports);
    this.#sources.set(name, { className: type.name, supervised });
    this.#shareOut();
    if (this.#isStarted) supervised.start();
    return supervised;
  }

  /** Resolves when its loop has ended or was cut off. */
  async remove(name: string): Promise<void> {
    const entry = this.#sources.get(name);
    this.#sources.delete(name);
    await entry?.supervised.stop();
    this.#shareOut();
  }

  addType(name: string, registeredBy: string | null): void {
    this.#types.set(name, registeredBy);
    this.#shareOut();
  }

  removeType(name: string): void {
    this.#types.delete(name);
    this.#shareOut();
  }

  /** The source that made the type known, by its own name or later; null when it was none. */
  registrantOf(type: string): string | null {
    return this.#types.get(type) ?? null;
  }

  /** Event types that the source registered itself. */
  typesOf(source: string): string[] {
    return [...this.#types].filter(([, by]) => by === source).map(([name]) => name);
  }

  /** Class of the source that publishes the event, as far as that is known. */
  classOf(event: string): string | null {
    for (const [name, { className }] of this.#sources) {
      if (this.#namesOf(name).has(event)) return className;
    }
    return null;
  }

  start(): void {
    this.#isStarted = true;
    for (const { supervised } of [...this.#sources.values()]) supervised.start();
  }

  /** Ends all loops, side by side. The sources stay registered until they are removed. */
  async stop(): Promise<void> {
    this.#isStarted = false;
    await Promise.all([...this.#sources.values()].map(({ supervised }) => supervised.stop()));
  }

  #shareOut(): void {
    for (const [name, { supervised }] of [...this.#sources])
      supervised.setNames(this.#namesOf(name));
  }

  #namesOf(source: string): Set<string> {
    const names = new Set([source]);
    const isOnlyOne = this.#sources.size === 1;
    for (const [name, by] of this.#types) {
      if (by === source || (by === null && isOnlyOne)) names.add(name);
    }
    return names;
  }
}
