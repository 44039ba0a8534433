import { SchemaView } from '../../parts/schema-view.js';
import { NeedsRole } from '../../parts/gated.js';
import { linkTo } from '../../state/router.js';
import type { Method } from '../../state/registry.js';
import { may } from '../../state/rights.js';

/** Name, marks and words of a method. */
export function MethodAbout({ method }: { readonly method: Method }) {
  return (
    <header class="stack tight">
      <p class="small">
        <a href={linkTo('calls')}>Calls</a> <span class="muted">/ {method.service}</span>
      </p>
      <div class="row wrap">
        <h1 class="mono">{method.path}</h1>
        {may(method.path) ? (
          method.roles.map((role) => (
            <span key={role} class="tag" title={`For ${role}, which you have`}>
              {role}
            </span>
          ))
        ) : (
          <NeedsRole method={method.path} />
        )}
        {method.generator && <span class="tag busy">streams</span>}
        {method.unauthenticated && <span class="tag">no login needed</span>}
        {method.private && <span class="tag">private</span>}
        {method.deprecated !== null && <span class="tag bad">deprecated</span>}
      </div>
      {method.description !== null && <p>{method.description}</p>}
      {method.deprecated !== null && <p class="muted">{method.deprecated}</p>}
    </header>
  );
}

/** What a method gives back. */
export function Returns({ method }: { readonly method: Method }) {
  const result = method['result-schema'];
  return (
    <section class="panel" aria-label="What it returns">
      <div class="body">
        {result === undefined ? (
          <p class="muted">It does not say what it returns.</p>
        ) : (
          <SchemaView schema={result} />
        )}
      </div>
    </section>
  );
}
