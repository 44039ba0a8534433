import { fileErrorOf, systemFailure } from '../commit/index.js';
import type { ActionReport, Generation } from '../model/index.js';
import type { StoredStep } from '../state/index.js';
import { Acting } from './acting.js';
import { Committing } from './committing.js';
import { Item, skipDependents } from './item.js';
import type { Workshop } from './ports.js';
import { isWritten, Staging } from './staging.js';

/** What came of a generation. */
export interface Ran {
  readonly items: readonly Item[];
  readonly actions: readonly ActionReport[];
}

/**
 * One generation from rendered files to what lies on the disk: all are compared, written beside their
 * targets and judged before the first of them is put in place; then the actions.
 */
export class GenerationRun {
  readonly #items: ReadonlyMap<string, Item>;
  readonly #staging: Staging;
  readonly #committing: Committing;

  constructor(
    private readonly shop: Workshop,
    private readonly generation: Generation,
  ) {
    this.#items = new Map(generation.files.map((file) => [file.name, new Item(file)]));
    this.#staging = new Staging(shop, generation.id);
    this.#committing = new Committing(shop, this.#items, generation, this.#staging);
  }

  /** Compares, and leaves it at that. */
  async compare(): Promise<readonly Item[]> {
    await this.#staging.compare(this.#items.values());
    this.#skip();
    return [...this.#items.values()];
  }

  async run(): Promise<Ran> {
    const items = await this.compare();
    const steps = items.filter((item) => item.hasStep);
    if (steps.length === 0) return { items, actions: [] };
    const { id, reason } = this.generation;
    try {
      await this.shop.begin({ id, reason, steps: steps.map(storedStep), confirmBy: null });
    } catch (error) {
      const failure = systemFailure(error, 'write into', 'the folder for state');
      for (const item of steps) item.fail(fileErrorOf(failure, this.shop.redact));
      return { items, actions: [] };
    }
    try {
      await this.#prepare(steps);
      await this.#committing.run();
    } finally {
      for (const item of steps) {
        if (!item.isCommitted) await this.#staging.discard(item);
      }
    }
    return { items, actions: await new Acting(this.shop, this.#committing).run(items) };
  }

  async #prepare(steps: readonly Item[]): Promise<void> {
    await this.#staging.write(steps);
    this.#skip();
    await this.#staging.validate(steps.filter(isWritten));
    this.#skip();
    for (const item of steps) if (item.isLost) await this.#staging.discard(item);
  }

  #skip(): void {
    skipDependents(this.#items, this.generation.atomicSets);
  }
}

export function storedStep({ file, comparison }: Item): StoredStep {
  if (comparison === null) throw new Error(`${file.name} was not compared`);
  const { name, path, metadata } = file;
  const { writes, attributes, reload } = metadata;
  const { at, before, after } = comparison;
  return { name, path, at, before, after, writes, attributes, reload };
}
