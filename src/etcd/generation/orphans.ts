import { DEFAULT_METADATA, type FileState, type RenderedFile } from '../model/index.js';
import type { Catalog } from '../plugins/index.js';

/** Files that nobody makes any more and that were declared to go then; one that cannot be loaded is still made. */
export function orphansToRemove(
  { targets, errors }: Pick<Catalog, 'targets' | 'errors'>,
  states: Iterable<FileState>,
): RenderedFile[] {
  const failed = new Set(errors.map(({ name }) => name));
  const isMade = (name: string): boolean => targets.has(name) || failed.has(name);
  return [...states]
    .filter(({ name, set, size, metadata }) => {
      if (size === null || metadata.onOrphan !== 'remove') return false;
      return !isMade(name) && (set === null || !isMade(set));
    })
    .map(({ name, path, set, isSensitive, metadata }) => ({
      name,
      path,
      set,
      isSensitive,
      metadata: { ...DEFAULT_METADATA, ...metadata },
      directory: '',
      rendering: { kind: 'absent' },
    }));
}
