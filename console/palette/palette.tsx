import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { wantsFocus } from '../state/router.js';
import { entries, search } from './entries.js';

/** One box over everything that has a name. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const found = useMemo(() => search(typed), [typed, entries.value]);
  useEffect(() => ref.current?.showModal(), []);
  useEffect(() => {
    ref.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  const open = (index: number): void => {
    const entry = found[index];
    if (entry === undefined) return;
    wantsFocus.value = true;
    location.hash = entry.link;
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setActive(Math.min(found.length - 1, active + 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(0, active - 1));
    else if (event.key === 'Enter') open(active);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={ref}
      class="palette"
      aria-label="Search everything"
      onClose={onClose}
      onClick={(event) => event.target === ref.current && onClose()}
    >
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={`palette-${active}`}
        aria-label="Search methods, tasks, events, definitions and pages"
        placeholder="Method, task, event, definition, page"
        autocomplete="off"
        spellcheck={false}
        autoFocus
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id="palette-list" role="listbox" aria-label="Found">
        {found.map((entry, index) => (
          <li
            key={`${entry.kind} ${entry.name}`}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === active}
            onClick={() => open(index)}
          >
            <span class="mono ellipsis">{entry.name}</span>
            <span class="muted small ellipsis">{entry.about}</span>
            <span class="tag kind">{entry.kind}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="empty">Nothing is called “{typed}”.</p>}
      <footer>
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> choose
        </span>
        <span>
          <kbd>Enter</kbd> open
        </span>
        <span>
          <kbd>Esc</kbd> close
        </span>
      </footer>
    </dialog>
  );
}
