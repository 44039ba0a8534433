import { useEffect, useRef } from 'preact/hooks';
import { pages } from './state/pages.js';

const KEYS: readonly (readonly [string, string])[] = [
  ['Ctrl K  or  /', 'search methods, tasks, events, definitions and pages'],
  ['Ctrl Enter', 'send the form'],
  ['↑ ↓ Enter', 'move in a list, open'],
  ['Esc', 'close, stop'],
  ['p', 'pause events or logs'],
  ['?', 'this list'],
];

export function Help({ onClose }: { readonly onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  const shown = pages.value.map(({ key, title }): readonly [string, string] => [
    `g ${key}`,
    `go to ${title}`,
  ]);
  return (
    <dialog ref={ref} aria-labelledby="help-title" onClose={onClose}>
      <div class="body">
        <h2 id="help-title">Keys</h2>
        <dl class="definition">
          {[...KEYS, ...shown].map(([keys, what]) => (
            <>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{what}</dd>
            </>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit" class="button">
            Close
          </button>
        </form>
      </div>
    </dialog>
  );
}
