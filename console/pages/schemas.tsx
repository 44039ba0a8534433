import { useMemo } from 'preact/hooks';
import { type Schema, SchemaIndex, type Json } from '../forms/index.js';
import { CopyButton } from '../parts/copy-button.js';
import { NavList } from '../parts/nav-list.js';
import { SchemaView } from '../parts/schema-view.js';
import { Absent, Bones, Empty } from '../parts/states.js';
import { schemaIndex, eventTypes, isLoaded, methods, offer, tasks } from '../state/registry.js';
import { go, linkTo, route } from '../state/router.js';

/** Definitions at the side, the chosen one and its users beside them. */
export function Schemas() {
  const { item } = route.value;
  const { definitions } = offer.value;
  const items = useMemo(
    () =>
      [...definitions.keys()]
        .sort()
        .map((name) => ({ id: name, label: name, group: name.slice(0, 1).toUpperCase() })),
    [definitions],
  );
  const schema = definitions.get(item);
  return (
    <div class={`split ${item === '' ? '' : 'chosen'}`}>
      <NavList title="Schemas" items={items} selected={item} onSelect={(id) => go('schemas', id)} />
      <section class="detail" aria-label={item === '' ? 'Definition' : item}>
        {schema !== undefined && <Definition name={item} schema={schema} />}
        {schema === undefined && !isLoaded.value && <Bones />}
        {item === '' && isLoaded.value && (
          <Empty>
            <p>Choose a definition to read it, and to see where it is used.</p>
          </Empty>
        )}
        {schema === undefined && item !== '' && isLoaded.value && (
          <Absent name={item} all={[linkTo('schemas'), 'All definitions']}>
            There is no such definition at the moment.
          </Absent>
        )}
      </section>
    </div>
  );
}

function Definition({ name, schema }: { readonly name: string; readonly schema: Schema }) {
  const text = JSON.stringify(schema, null, 2);
  return (
    <div class="columns">
      <header class="row wrap">
        <h1 class="mono">{name}</h1>
        <span class="row end">
          <CopyButton label="Copy" text={() => text} />
          <CopyButton
            label="Copy with its parts"
            text={() =>
              JSON.stringify(schemaIndex.value.bundle({ $ref: `#/definitions/${name}` }), null, 2)
            }
          />
        </span>
      </header>
      <section class="panel" aria-label="Definition">
        <div class="body">
          <SchemaView schema={schema} />
        </div>
      </section>
      <Users name={name} />
      <section class="panel" aria-label="Text">
        <header>
          <h2>Text</h2>
        </header>
        <div class="body">
          <pre class="well">{text.slice(0, 50_000)}</pre>
        </div>
      </section>
    </div>
  );
}

interface Use {
  readonly kind: string;
  readonly label: string;
  readonly link: string;
}

/** Where a definition is mentioned by name. */
function usesOf(name: string): readonly Use[] {
  const mentions = (value: unknown): boolean =>
    SchemaIndex.referencesOf((value ?? null) as Json).includes(name);
  return [
    ...methods.value
      .filter((method) => mentions(method['params-schema']) || mentions(method['result-schema']))
      .map(({ path }) => ({ kind: 'method', label: path, link: linkTo('calls', path) })),
    ...tasks.value
      .filter(({ schema }) => mentions(schema))
      .map(({ name: label }) => ({
        kind: 'task',
        label,
        link: linkTo('tasks', 'new', { task: label }),
      })),
    ...eventTypes.value
      .filter(({ event_schema: schema }) => mentions(schema))
      .map(({ name: label }) => ({
        kind: 'event',
        label,
        link: linkTo('events', '', { masks: label }),
      })),
    ...[...offer.value.definitions]
      .filter(([label, schema]) => label !== name && mentions(schema))
      .map(([label]) => ({ kind: 'definition', label, link: linkTo('schemas', label) })),
  ];
}

function Users({ name }: { readonly name: string }) {
  const uses = useMemo(() => usesOf(name), [name, offer.value]);
  return (
    <section class="panel" aria-label="Where it is used">
      <header>
        <h2>Where it is used</h2>
        <span class="muted">{uses.length}</span>
      </header>
      {uses.length === 0 && <p class="body muted">Nothing mentions it by name.</p>}
      {uses.length > 0 && (
        <ul class="body stack tight">
          {uses.map(({ kind, label, link }) => (
            <li key={`${kind} ${label}`} class="row">
              <span class="tag">{kind}</span>
              <a class="mono" href={link}>
                {label}
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
