import { pathWords } from '../completion/index.js';
import type { SignatureOf } from '../history/index.js';
import { type Callable, nearestPlace, resolveWords } from '../namespaces/index.js';
import type { Shell } from '../shell.js';
import { BUILT_INS } from '../words-table.js';

const BUILT_IN_NAMES: ReadonlySet<string> = new Set(BUILT_INS.keys());

/** What the words of a command take, where the tree says so. */
export function signatureIn(shell: Shell): SignatureOf {
  return ({ words, isAbsolute }) => {
    const { root, place } = shell;
    const path = pathWords(words);
    const resolved = resolveWords(path, { root, place, isAbsolute, builtIns: BUILT_IN_NAMES });
    const { used } = resolved;
    if (resolved.kind === 'callable') return { signature: resolved.callable.signature, used };
    if (resolved.kind === 'derived') {
      const { entity, config } = resolved.place.namespace;
      const { create = null, update = null } = entity ?? {};
      const changed = update ?? config?.update ?? null;
      if (resolved.command === 'create' && create !== null) {
        return { signature: create.signature, used };
      }
      if (resolved.command === 'set' && changed !== null) {
        return { signature: changed.signature, used };
      }
      return null;
    }
    const isDirect =
      resolved.kind === 'built-in' && (resolved.name === 'call' || resolved.name === 'submit');
    const name = isDirect ? path[used]?.text : undefined;
    const callable = name === undefined ? undefined : namedCallable(shell, name);
    return callable === undefined ? null : { signature: callable.signature, used: used + 1 };
  };
}

/** Of `service.method`. */
function namedCallable({ serverRoot: root }: Shell, name: string): Callable | undefined {
  const dot = name.lastIndexOf('.');
  const { place, isWhole } = nearestPlace(root, name.slice(0, Math.max(0, dot)).split('.'));
  if (!isWhole) return undefined;
  const { commands, hiddenTasks } = place.namespace;
  const own = name.slice(dot + 1);
  return hiddenTasks.get(own) ?? commands.get(own);
}
