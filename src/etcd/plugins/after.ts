import { Errno } from '../../common/index.js';
import type { LoadError, Target } from '../model/index.js';

/**
 * Files in the order of `names`, but each behind those that it names in `after`. Circles are broken where they
 * are met: {@link afterErrors} has told of them.
 */
export function inOrder(names: readonly string[], targets: ReadonlyMap<string, Target>): string[] {
  const wanted = new Set(names);
  const done = new Set<string>();
  const ordered: string[] = [];
  const visit = (name: string): void => {
    if (done.has(name)) return;
    done.add(name);
    for (const before of targets.get(name)?.metadata.after ?? []) {
      if (wanted.has(before)) visit(before);
    }
    ordered.push(name);
  };
  names.forEach(visit);
  return ordered;
}

/** Names in `after` that are not there, and circles, each told once. */
export function afterErrors(targets: ReadonlyMap<string, Target>): readonly LoadError[] {
  const errors: LoadError[] = [];
  const settled = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    const at = way.indexOf(name);
    if (at !== -1) {
      const circle = [...way.slice(at), name].join(' → ');
      errors.push(errorOf(name, targets, [Errno.EINVAL, `after forms a circle: ${circle}`]));
      return;
    }
    if (settled.has(name)) return;
    for (const before of targets.get(name)?.metadata.after ?? []) {
      if (targets.has(before)) visit(before, [...way, name]);
      else {
        const message = `after names ${before}, which is not there`;
        errors.push(errorOf(name, targets, [Errno.ENOENT, message]));
      }
    }
    settled.add(name);
  };
  for (const name of targets.keys()) visit(name, []);
  return errors;
}

function errorOf(
  name: string,
  targets: ReadonlyMap<string, Target>,
  [code, message]: readonly [number, string],
): LoadError {
  return { name, source: targets.get(name)?.source ?? name, code, message };
}
