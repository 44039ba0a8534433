import { useState } from 'preact/hooks';
import type { Json } from '../../forms/index.js';
import { Icon } from '../../parts/icon.js';
import { linkTo } from '../../state/router.js';
import { forgetCall, saveCall, savedCalls } from '../../state/saved-calls.js';
import { filledIn, variables } from '../../state/variables.js';
import { VariablesEditor } from './variables-editor.js';

interface SavedPanelProps {
  readonly method: string;
  readonly args: readonly Json[];
}

/** Calls that were saved under a name, of this method first. */
export function SavedPanel({ method, args }: SavedPanelProps) {
  const [name, setName] = useState('');
  const own = savedCalls.value.filter((saved) => saved.method === method);
  const others = savedCalls.value.filter((saved) => saved.method !== method);
  return (
    <section class="panel" aria-label="Saved calls">
      <div class="body stack">
        <form
          class="toolbar"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() === '') return;
            saveCall({ name: name.trim(), method, args });
            setName('');
          }}
        >
          <input
            class="input short"
            aria-label="Name of the saved call"
            placeholder="Name"
            maxLength={80}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <button type="submit" class="button">
            Save this call
          </button>
          <span class="muted small">kept in this browser, without passwords</span>
        </form>
        {savedCalls.value.length === 0 && <p class="muted">No call was saved yet.</p>}
        <ul class="stack tight">
          {[...own, ...others].map((saved) => (
            <li key={saved.name} class="row">
              <a
                href={linkTo('calls', saved.method, {
                  args: JSON.stringify(filledIn(saved.args, variables.value)),
                })}
              >
                {saved.name}
              </a>
              <span class="mono small muted ellipsis grow">
                {saved.method} {JSON.stringify(saved.args)}
              </span>
              <button
                type="button"
                class="button quiet icon small"
                aria-label={`Forget ${saved.name}`}
                onClick={() => forgetCall(saved.name)}
              >
                <Icon name="close" size={12} />
              </button>
            </li>
          ))}
        </ul>
        <VariablesEditor />
      </div>
    </section>
  );
}
