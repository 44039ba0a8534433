import { compileMask } from '../../common/index.js';
import type { Change } from '../link/index.js';
import type { LoadedTarget } from '../plugins/index.js';

/** What files were made of, as it was recorded when they were rendered last, with what they declare. */
export class Dependencies {
  readonly #recorded = new Map<string, readonly string[]>();
  readonly #changed = new Map<string, Date>();

  record(name: string, dependencies: readonly string[]): void {
    this.#recorded.set(name, dependencies);
  }

  forget(isKnown: (name: string) => boolean): void {
    for (const name of this.#recorded.keys()) if (!isKnown(name)) this.#recorded.delete(name);
  }

  of(target: LoadedTarget): readonly string[] {
    const { watch } = target.metadata;
    if (watch === false) return [];
    return [...new Set([...(this.#recorded.get(target.name) ?? []), ...watch])];
  }

  /** When what is depended on has changed last, since this process began; null: not since. */
  changedAt(dependency: string): Date | null {
    return this.#changed.get(dependency) ?? null;
  }

  /** Masks of events that any of the files follows. */
  masks(targets: Iterable<LoadedTarget>): ReadonlySet<string> {
    const masks = new Set<string>();
    for (const target of targets) {
      for (const one of this.of(target)) if (one.startsWith('event:')) masks.add(one.slice(6));
    }
    return masks;
  }

  /** Names of the files that follow what has changed. */
  affected(change: Change, targets: Iterable<LoadedTarget>): readonly string[] {
    const names: string[] = [];
    for (const target of targets) {
      const hits = this.of(target).filter((one) => isMeant(one, change));
      for (const one of hits) this.#changed.set(one, new Date());
      const isRendered = this.#recorded.has(target.name);
      if (hits.length > 0 && isRendered) names.push(target.name);
    }
    return names;
  }
}

function isMeant(dependency: string, change: Change): boolean {
  const at = dependency.indexOf(':');
  const what = dependency.slice(at + 1);
  switch (change.kind) {
    case 'gap':
      return true;
    case 'collection':
      return dependency === `collection:${change.name}`;
    case 'config':
      return (
        dependency.startsWith('config:') &&
        change.keys.some((key) => key === what || key.startsWith(`${what}.`))
      );
    case 'event':
      return dependency.startsWith('event:') && compileMask(what)(change.name);
  }
}
