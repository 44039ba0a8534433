import type { ComponentChildren, RefObject } from 'preact';
import { useState } from 'preact/hooks';
import type { ArgumentsForm } from '../forms/index.js';
import { Segments } from '../parts/segments.js';
import { ArgumentsEditor } from './arguments-editor.js';
import type { ProblemMap } from './edit-props.js';
import { ProblemList } from './problems.js';
import { useWantedFocus } from './focus.js';

const VIEWS = [
  { id: 'form', label: 'Form' },
  { id: 'json', label: 'JSON' },
] as const;

interface PanelProps {
  readonly section: RefObject<HTMLFormElement | null>;
  readonly form: ArgumentsForm;
  readonly problems: ProblemMap;
  /** Why nothing was checked here, if so. */
  readonly unchecked: string | null;
  readonly isFilling: boolean;
  readonly onChange: (form: ArgumentsForm) => void;
  readonly onSubmit: () => void;
  readonly onEscape?: () => void;
  /** What is under the fields: the buttons. */
  readonly children: ComponentChildren;
}

/** The arguments of a method or a task with their two views; sent by Ctrl Enter from everywhere in it. */
export function ArgumentsPanel(props: PanelProps) {
  const { section, form, problems, unchecked, isFilling, onChange, onSubmit } = props;
  const [view, setView] = useState<'form' | 'json'>('form');
  useWantedFocus(section);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') props.onEscape?.();
    if (event.key !== 'Enter') return;
    if (event.ctrlKey || event.metaKey) onSubmit();
    else if (event.target instanceof HTMLInputElement) event.preventDefault();
  };
  return (
    <form
      ref={section}
      class="panel"
      aria-label="Arguments"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
      onKeyDown={onKeyDown}
    >
      <header>
        <h2>Arguments</h2>
        <span class="end">
          <Segments
            label="View of the arguments"
            size="small"
            options={VIEWS}
            value={view}
            onChange={setView}
          />
        </span>
      </header>
      <div class="body stack">
        <div class="stack" inert={isFilling} aria-busy={isFilling}>
          <ArgumentsEditor
            key={view}
            form={form}
            problems={problems}
            view={view}
            onChange={onChange}
          />
        </div>
        {view === 'json' && problems.size > 0 && (
          <ProblemList problems={problems} root="arguments" />
        )}
        {unchecked !== null && (
          <p class="notice small">Not checked here ({unchecked}). The server decides.</p>
        )}
        {props.children}
      </div>
    </form>
  );
}
