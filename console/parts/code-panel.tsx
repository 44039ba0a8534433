import { useState } from 'preact/hooks';
import { server, phase } from '../connection/session.js';
import { httpAddress } from '../state/about.js';
import { CopyButton } from './copy-button.js';
import { Segments } from './segments.js';
import { cliOf, clientCodeOf, curlOf, type Deed, frameOf } from './snippets.js';

const FORMS = [
  { id: 'client', label: 'Client', make: clientCodeOf },
  { id: 'cli', label: 'CLI', make: cliOf },
  { id: 'curl', label: 'curl', make: curlOf },
  { id: 'frame', label: 'Frame', make: frameOf },
] as const;
type FormId = (typeof FORMS)[number]['id'];

/** The same as somebody else would do it: from code, from a shell, on the wire. */
export function CodePanel({ deed }: { readonly deed: Deed }) {
  const [chosen, setChosen] = useState<FormId>('client');
  const user = phase.value.kind === 'ready' ? phase.value.user : '';
  const make = FORMS.find(({ id }) => id === chosen)?.make ?? clientCodeOf;
  const text = make(deed, { url: server.url, user, http: httpAddress.value });
  const what = deed.kind === 'task' ? 'task' : 'call';
  return (
    <section class="panel" aria-label={`The same ${what} elsewhere`}>
      <header>
        <h2>The same {what}</h2>
        <span class="end">
          <Segments
            label={`Form of the ${what}`}
            size="small"
            options={FORMS}
            value={chosen}
            onChange={setChosen}
          />
        </span>
        <CopyButton label="Copy" text={() => text} />
      </header>
      <div class="body">
        <pre class="well">{text}</pre>
      </div>
    </section>
  );
}
