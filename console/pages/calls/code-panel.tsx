import { useState } from 'preact/hooks';
import { type ArgumentsForm, readArguments } from '../../forms/index.js';
import { CopyButton } from '../../parts/copy-button.js';
import type { Method } from '../../state/registry.js';
import { cliOf, clientCodeOf, frameOf } from './snippets.js';

const FORMS = [
  { id: 'client', label: 'Client', make: clientCodeOf },
  { id: 'cli', label: 'CLI', make: cliOf },
  { id: 'frame', label: 'Frame', make: frameOf },
] as const;

/** The call as somebody else would make it: from code, from a shell, on the wire. Without passwords. */
export function CodePanel({
  method,
  form,
}: {
  readonly method: Method;
  readonly form: ArgumentsForm;
}) {
  const [chosen, setChosen] = useState<(typeof FORMS)[number]>(FORMS[0]);
  const { args } = readArguments(form, { hidesSecrets: true });
  const text = chosen.make({ method: method.path, isStream: method.generator, args });
  return (
    <section class="panel" aria-label="The same call elsewhere">
      <header>
        <h2>The same call</h2>
        <div class="segments small end" role="group" aria-label="Form of the call">
          {FORMS.map((option) => (
            <button
              key={option.id}
              type="button"
              aria-pressed={option === chosen}
              onClick={() => setChosen(option)}
            >
              {option.label}
            </button>
          ))}
        </div>
        <CopyButton label="Copy" text={() => text} />
      </header>
      <div class="body">
        <pre class="well">{text}</pre>
      </div>
    </section>
  );
}
