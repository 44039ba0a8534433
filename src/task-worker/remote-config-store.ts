import { type ConfigChange, type ConfigNode, ConfigStore } from '../sdk/index.js';
import type { TaskLink } from './task-link.js';

/** The server's configuration store, asked over the process boundary. */
export class RemoteConfigStore extends ConfigStore {
  constructor(private readonly link: () => TaskLink) {
    super();
  }

  override get<T>(key: string, fallback?: T): Promise<T | null> {
    return this.#ask('get', [key, fallback]);
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.#ask('set', [key, value]);
  }

  async setMany(values: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#ask('setMany', [values]);
  }

  exists(key: string): Promise<boolean> {
    return this.#ask('exists', [key]);
  }

  delete(key: string): Promise<boolean> {
    return this.#ask('delete', [key]);
  }

  listChildren(prefix?: string): Promise<string[]> {
    return this.#ask('listChildren', [prefix]);
  }

  node(prefix: string): ConfigNode {
    const full = (key: string): string => `${prefix}.${key}`;
    return {
      get: (key) => this.get(full(key)),
      set: (key, value) => this.set(full(key), value),
      node: (key) => this.node(full(key)),
      update: async (values) => {
        await this.#ask('nodeUpdate', [prefix, values]);
      },
      toObject: () => this.#ask('nodeToObject', [prefix]),
    };
  }

  onChange(listener: (change: ConfigChange) => void): () => void {
    const link = this.link();
    const number = link.watchConfiguration((args) => listener(args as unknown as ConfigChange));
    return () => link.unlisten(number);
  }

  async #ask<T>(method: string, args: readonly unknown[]): Promise<T> {
    return await this.link().ask<T>('configstore', method, args);
  }
}
