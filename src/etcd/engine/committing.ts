import {
  fileErrorOf,
  putAttributes,
  putBack,
  putInPlace,
  putNothing,
  putStaged,
  removeMade,
  type Side,
  syncFolderOf,
} from '../commit/index.js';
import { dirname } from 'node:path';
import type { Generation } from '../model/index.js';
import { type Item, skipDependents } from './item.js';
import { eachOf, type Workshop } from './ports.js';
import { isInPlace, type Staging } from './staging.js';

const SYNCS_AT_ONCE = 8;

/** The stage in which targets are touched, and the way back. No file's failure is thrown. */
export class Committing {
  constructor(
    private readonly shop: Workshop,
    private readonly items: ReadonlyMap<string, Item>,
    private readonly generation: Pick<Generation, 'id' | 'atomicSets' | 'onCommit'>,
    private readonly staging: Staging,
  ) {}

  /** Puts all in place that go on, in order. */
  async run(): Promise<void> {
    for (const item of this.items.values()) {
      this.generation.onCommit?.(item.name);
      if (!item.hasStep) continue;
      await this.#commit(item);
      if (!item.isLost) continue;
      await this.staging.discard(item);
      await this.#takeBackSetsOf(item);
      for (const skipped of skipDependents(this.items, this.generation.atomicSets)) {
        await this.staging.discard(skipped);
      }
    }
    await this.#sync();
  }

  async #commit(item: Item): Promise<void> {
    const { comparison } = item;
    if (comparison === null) return;
    try {
      item.before = await this.#put(item);
      if (comparison.step === 'create') item.outcome = 'created';
      else item.outcome = comparison.step === 'remove' ? 'removed' : 'changed';
    } catch (error) {
      item.fail(fileErrorOf(error, this.shop.redact));
    }
  }

  async #put(item: Item): Promise<Side> {
    const { disk, logger } = this.shop;
    const { comparison, staged } = item;
    const { at, step, wanted } = comparison ?? {};
    if (at === undefined) throw new Error(`${item.name} was not compared`);
    if (step === 'remove' || wanted === null || wanted === undefined) return putNothing(at, disk);
    if (step === 'attributes') return putAttributes(at, wanted.ownership, disk);
    if (staged !== null) return putStaged(at, staged, disk);
    if (!isInPlace(item)) throw new Error(`${item.name} was not staged`);
    logger.warn(`${at} is written in place, as declared: a reader may see a part of it`);
    return putInPlace(at, wanted, disk);
  }

  /** Others of its sets, that were put in place before it, go back. */
  async #takeBackSetsOf(item: Item): Promise<void> {
    const others = this.generation.atomicSets
      .filter(({ names }) => names.includes(item.name))
      .flatMap(({ names }) => names.flatMap((name) => this.items.get(name) ?? []));
    await this.takeBack(others.filter((other) => other.isCommitted));
  }

  /** With those that belong to them. */
  withSets(items: readonly Item[]): readonly Item[] {
    const all = new Set(items);
    for (let size = -1; size !== all.size;) {
      ({ size } = all);
      const names = new Set(Array.from(all, ({ name }) => name));
      for (const set of this.generation.atomicSets) {
        if (!set.names.some((name) => names.has(name))) continue;
        for (const name of set.names) {
          const item = this.items.get(name);
          if (item?.isCommitted === true) all.add(item);
        }
      }
    }
    return [...this.items.values()].filter((item) => all.has(item));
  }

  /** Gives files that were put in place what lay there before, the last one first. */
  async takeBack(items: readonly Item[]): Promise<void> {
    for (const item of [...items].reverse()) {
      const { comparison, before, made } = item;
      if (comparison === null || before === null) continue;
      const { writes, attributes } = item.file.metadata;
      const restoring = { generation: this.generation.id, writes, attributes };
      try {
        await putBack(comparison.at, before, { disk: this.shop.disk, restoring });
        await removeMade(made, this.shop.disk);
        item.outcome = 'rolled_back';
      } catch (error) {
        const failure = fileErrorOf(error, this.shop.redact);
        this.shop.logger.error(`${item.name} cannot be taken back: ${failure.message}`);
        item.fail(failure);
      }
    }
  }

  async #sync(): Promise<void> {
    const paths = new Map<string, string>();
    for (const { comparison, isCommitted } of this.items.values()) {
      if (isCommitted && comparison !== null) paths.set(dirname(comparison.at), comparison.at);
    }
    await eachOf(paths.values(), SYNCS_AT_ONCE, async (at) => {
      await syncFolderOf(at, this.shop.disk).catch((error: unknown) => {
        this.shop.logger.warn(`The folder of ${at} cannot be synced: ${(error as Error).message}`);
      });
    });
  }
}
