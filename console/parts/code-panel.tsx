import { useState } from 'preact/hooks';
import { server, phase } from '../connection/session.js';
import { CopyButton } from './copy-button.js';
import { cliOf, clientCodeOf, type Deed, frameOf } from './snippets.js';

const FORMS = [
  { id: 'client', label: 'Client', make: clientCodeOf },
  { id: 'cli', label: 'CLI', make: cliOf },
  { id: 'frame', label: 'Frame', make: frameOf },
] as const;

/** The same as somebody else would do it: from code, from a shell, on the wire. */
export function CodePanel({ deed }: { readonly deed: Deed }) {
  const [chosen, setChosen] = useState<(typeof FORMS)[number]>(FORMS[0]);
  const user = phase.value.kind === 'ready' ? phase.value.user : '';
  const text = chosen.make(deed, { url: server.url, user });
  const what = deed.kind === 'task' ? 'task' : 'call';
  return (
    <section class="panel" aria-label={`The same ${what} elsewhere`}>
      <header>
        <h2>The same {what}</h2>
        <div class="segments small end" role="group" aria-label={`Form of the ${what}`}>
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
