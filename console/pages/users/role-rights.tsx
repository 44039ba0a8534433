import { useState } from 'preact/hooks';
import type { RIGHTS } from '../../../src/wire/index.js';
import { call } from '../../connection/session.js';
import { matchWords } from '../../parts/match.js';
import { useLoaded } from '../../parts/resource.js';
import { SearchBox } from '../../parts/search-box.js';
import { Bones, Failure } from '../../parts/states.js';
import { linkTo } from '../../state/router.js';
import type { Shown } from '../../state/shown.js';

const SHOWN = 400;

/** What somebody with this role may do: the server's judge of calls, asked about everything it offers. */
export function RoleRights({ role }: { readonly role: string }) {
  const rights = useLoaded(
    (stop) => call<Shown<typeof RIGHTS>>('discovery.get_rights', [[role]], stop),
    [role],
  );
  const [words, setWords] = useState('');
  const { value } = rights;
  return (
    <section class="panel" aria-label={`What ${role} may do`}>
      <header>
        <h2>
          What <span class="mono">{role}</span> may do
        </h2>
        <span class="end">
          <SearchBox
            label={`Filter what ${role} may do`}
            placeholder="Name"
            value={words}
            onChange={setWords}
          />
        </span>
      </header>
      {rights.error !== null && <Failure error={rights.error} onRetry={rights.reload} />}
      {value === null && rights.error === null && <Bones lines={3} />}
      {value !== null && (
        <div class="body three">
          <Names
            title="Call"
            names={value.methods.filter((name) => matchWords(name, words))}
            linkOf={(name) => linkTo('calls', name)}
          />
          <Names
            title="Submit"
            names={value.tasks.filter((name) => matchWords(name, words))}
            linkOf={(task) => linkTo('tasks', 'new', { task })}
          />
          <Names
            title="Publish"
            names={value.events.filter((name) => matchWords(name, words))}
            linkOf={(masks) => linkTo('events', '', { masks })}
          />
        </div>
      )}
    </section>
  );
}

interface NamesProps {
  readonly title: string;
  readonly names: readonly string[];
  readonly linkOf: (name: string) => string;
}

function Names({ title, names, linkOf }: NamesProps) {
  return (
    <div class="stack tight">
      <h3>
        {title} <span class="muted">{names.length}</span>
      </h3>
      {names.length === 0 && <p class="muted">nothing</p>}
      <ul class="names mono small">
        {names.slice(0, SHOWN).map((name) => (
          <li key={name}>
            <a href={linkOf(name)}>{name}</a>
          </li>
        ))}
      </ul>
      {names.length > SHOWN && <p class="muted small">and {names.length - SHOWN} more: filter</p>}
    </div>
  );
}
