import { join } from 'node:path';
import {
  CommitFailure,
  compare,
  discard,
  fileErrorOf,
  findPlace,
  makePlace,
  removeMade,
  runValidators,
  stage,
  withPlace,
  withPrivateCopy,
} from '../commit/index.js';
import type { Item } from './item.js';
import { eachOf, type Workshop } from './ports.js';

const READS_AT_ONCE = 8;
const WRITES_AT_ONCE = 8;
const VALIDATORS_AT_ONCE = 4;

/** The stages of a generation in which no target is touched yet. No file's failure is thrown. */
export class Staging {
  constructor(
    private readonly shop: Workshop,
    private readonly generation: string,
  ) {}

  /** Finds out what has to be done with each. */
  async compare(items: Iterable<Item>): Promise<void> {
    const { disk, owners } = this.shop;
    await eachOf(items, READS_AT_ONCE, (item) =>
      this.#guard(item, async () => {
        item.comparison = await compare(item.file, disk, owners);
        if (item.comparison.step === 'nothing') item.outcome = 'unchanged';
      }),
    );
  }

  /** Writes new contents beside their targets. */
  async write(items: Iterable<Item>): Promise<void> {
    await eachOf(items, WRITES_AT_ONCE, (item) => this.#guard(item, () => this.#write(item)));
  }

  async #write(item: Item): Promise<void> {
    const { comparison, made } = item;
    if (comparison === null || !isWritten(item) || isInPlace(item)) return;
    const { at, wanted, directory } = comparison;
    if (wanted === null || directory === null) return;
    const { disk } = this.shop;
    const place =
      (await findPlace(at, disk)) ?? (await makePlace(at, disk, { ownership: directory, made }));
    await withPlace(place, async () => {
      item.staged = await stage(place, wanted, this.generation);
    });
  }

  /** Asks the validators of those whose content is new. */
  async validate(items: Iterable<Item>): Promise<void> {
    const { validation } = this.shop.settings;
    if (validation === 'off') return;
    await eachOf(items, VALIDATORS_AT_ONCE, (item) =>
      this.#guard(item, async () => {
        try {
          await this.#validate(item);
        } catch (error) {
          if (validation === 'enforce') throw error;
          const { message } = fileErrorOf(error, this.shop.redact);
          this.shop.logger.warn(`${item.name} is put in place although ${message}`);
        }
      }),
    );
  }

  async #validate({ file, comparison, staged }: Item): Promise<void> {
    const { validate, validateIn } = file.metadata;
    const wanted = comparison?.wanted ?? null;
    if (validate.length === 0 || comparison === null || wanted === null) return;
    const { limits, stateDirectory } = this.shop.settings;
    const bounds = { timeoutMs: limits.validatorMs, maxOutputBytes: limits.outputBytes };
    if (validateIn === 'beside' && staged !== null) {
      const beside = join(comparison.at, '..', staged.name);
      await runValidators(validate, beside, bounds);
      return;
    }
    const folder = join(stateDirectory, 'validate');
    await withPrivateCopy(folder, { name: file.name, wanted }, (copy) =>
      runValidators(validate, copy, bounds),
    );
  }

  /** Takes away what was made for a file that does not go on. */
  async discard(item: Item): Promise<void> {
    const { staged, comparison, made } = item;
    item.staged = null;
    if (staged !== null && comparison !== null) {
      await discard(comparison.at, staged, this.shop.disk);
    }
    await removeMade(made, this.shop.disk);
    made.length = 0;
  }

  async #guard(item: Item, work: () => Promise<void>): Promise<void> {
    if (!item.isOpen) return;
    try {
      await work();
    } catch (error) {
      const { redact } = this.shop;
      item.fail(
        error instanceof CommitFailure
          ? fileErrorOf(error, redact)
          : { stage: 'commit', message: redact((error as Error).message) },
      );
    }
  }
}

/** Whether a content is written for it. */
export function isWritten({ comparison }: Item): boolean {
  return comparison?.step === 'create' || comparison?.step === 'replace';
}

/** Whether the file that is there is written into. */
export function isInPlace({ file, comparison }: Item): boolean {
  return (
    file.metadata.writes === 'in-place' &&
    comparison?.step === 'replace' &&
    comparison.before.kind === 'file'
  );
}
