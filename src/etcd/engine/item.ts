import type { Comparison, MadeFolder, Side, Staged } from '../commit/index.js';
import type { Change, FileError, FileReport, Outcome, RenderedFile } from '../model/index.js';

/** One file on its way through a generation. */
export class Item {
  outcome: Outcome | null = null;
  error: FileError | null = null;
  comparison: Comparison | null = null;
  staged: Staged | null = null;
  /** Folders that were made for it. */
  readonly made: MadeFolder[] = [];
  /** What lay in its place; null as long as it is not committed. */
  before: Side | null = null;

  constructor(readonly file: RenderedFile) {
    const { rendering } = file;
    if (rendering.kind === 'failed') this.fail(rendering.error);
    else if (rendering.kind === 'disabled') this.outcome = 'disabled';
  }

  get name(): string {
    return this.file.name;
  }

  /** Whether it still goes its way. */
  get isOpen(): boolean {
    return this.outcome === null;
  }

  /** Whether it did not come where it was to be, so that others must not either. */
  get isLost(): boolean {
    const { outcome } = this;
    return outcome === 'failed' || outcome === 'skipped' || outcome === 'rolled_back';
  }

  get isCommitted(): boolean {
    return this.before !== null && !this.isLost;
  }

  get changes(): readonly Change[] {
    return this.comparison?.changes ?? [];
  }

  /** Whether there is anything to do at its place. */
  get hasStep(): boolean {
    return this.isOpen && this.comparison !== null && this.comparison.step !== 'nothing';
  }

  fail(error: FileError): void {
    this.outcome = 'failed';
    this.error = error;
  }

  report(): FileReport {
    const { name, path } = this.file;
    const outcome = this.outcome ?? 'skipped';
    const isDone = outcome === 'created' || outcome === 'changed';
    const changes = isDone ? this.changes : [];
    return { name, path, outcome, changes, ...(this.error === null ? {} : { error: this.error }) };
  }
}

/**
 * Takes out, over and over, whoever waits for a file that did not come (`after`) and whoever belongs to
 * it (atomic sets). Returns whom it took out.
 */
export function skipDependents(
  items: ReadonlyMap<string, Item>,
  atomicSets: readonly { readonly names: readonly string[] }[],
): readonly Item[] {
  const taken: Item[] = [];
  const isLost = (name: string): boolean => items.get(name)?.isLost === true;
  const skip = (item: Item): void => {
    item.outcome = 'skipped';
    taken.push(item);
  };
  for (let before = -1; before !== taken.length;) {
    before = taken.length;
    for (const item of items.values()) {
      if (item.isOpen && item.file.metadata.after.some(isLost)) skip(item);
    }
    for (const { names } of atomicSets) {
      if (!names.some(isLost)) continue;
      for (const name of names) {
        const item = items.get(name);
        if (item?.isOpen === true) skip(item);
      }
    }
  }
  return taken;
}
