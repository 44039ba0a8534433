import { useState } from 'preact/hooks';
import { linkTo } from '../../state/router.js';
import type { Method } from '../../state/registry.js';
import { SchemaView } from '../../parts/schema-view.js';

/** Name, marks and words of a method, and what it gives back. */
export function MethodAbout({ method }: { readonly method: Method }) {
  const [isOpen, setOpen] = useState(false);
  const result = method['result-schema'];
  return (
    <header class="stack tight">
      <p class="small">
        <a href={linkTo('calls')}>Calls</a> <span class="muted">/ {method.service}</span>
      </p>
      <div class="row wrap">
        <h1 class="mono">{method.path}</h1>
        {method.roles.map((role) => (
          <span key={role} class="tag warn" title={`Only for users with the role ${role}`}>
            needs {role}
          </span>
        ))}
        {method.generator && <span class="tag busy">streams</span>}
        {method.unauthenticated && <span class="tag">no login needed</span>}
        {method.private && <span class="tag">private</span>}
        {method.deprecated !== null && <span class="tag bad">deprecated</span>}
      </div>
      {method.description !== null && <p>{method.description}</p>}
      {method.deprecated !== null && <p class="muted">{method.deprecated}</p>}
      {result !== undefined && (
        <div>
          <button
            type="button"
            class="button quiet small"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? 'Hide' : 'Show'} what it returns
          </button>
          {isOpen && (
            <div class="panel">
              <div class="body">
                <SchemaView schema={result} />
              </div>
            </div>
          )}
        </div>
      )}
    </header>
  );
}
