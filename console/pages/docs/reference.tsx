import { useMemo, useState } from 'preact/hooks';
import { isList, isObject, type Json, type JsonObject, type Schema } from '../../forms/index.js';
import { matchWords } from '../../parts/match.js';
import { useLoaded } from '../../parts/resource.js';
import { SchemaView } from '../../parts/schema-view.js';
import { SearchBox } from '../../parts/search-box.js';
import { Bones, Empty, Failure } from '../../parts/states.js';
import { fetchDocument } from '../../state/metrics.js';
import { linkTo } from '../../state/router.js';

interface Part {
  readonly name: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** A method or an event, as its document describes it. */
interface Entry {
  readonly name: string;
  readonly about: string;
  readonly parts: readonly Part[];
  readonly result: Schema | null;
}

interface ReferenceProps {
  readonly path: '/openrpc.json' | '/asyncapi.json';
}

/** A document as a page to read: everything in it by name, unfolded where one looks. */
export function Reference({ path }: ReferenceProps) {
  const document = useLoaded(
    async (stop) => parsed(await (await fetchDocument(path, stop)).text()),
    [path],
  );
  const [words, setWords] = useState('');
  const entries = useMemo(
    () => (path === '/openrpc.json' ? methodsOf(document.value) : eventsOf(document.value)),
    [document.value],
  );
  const shown = entries.filter(({ name, about }) => matchWords(`${name} ${about}`, words));
  return (
    <>
      <div class="toolbar">
        <SearchBox
          label="Filter the reference"
          placeholder="Name or words"
          value={words}
          onChange={setWords}
        />
        <span class="muted small" role="status">
          {shown.length} of {entries.length}
        </span>
      </div>
      {document.error !== null && <Failure error={document.error} onRetry={document.reload} />}
      {document.value === null && document.error === null && <Bones />}
      {document.value !== null && shown.length === 0 && (
        <Empty>
          <p>Nothing matches “{words}”.</p>
        </Empty>
      )}
      <section class="panel" aria-label="Reference">
        {shown.map((entry) => (
          <EntryView key={entry.name} entry={entry} path={path} />
        ))}
      </section>
    </>
  );
}

function EntryView({ entry, path }: { readonly entry: Entry } & ReferenceProps) {
  const [isOpen, setOpen] = useState(false);
  const { name, about, parts, result } = entry;
  const isMethod = path === '/openrpc.json';
  return (
    <details class="plugin" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span class="mono">{name}</span> <span class="muted">{about}</span>
      </summary>
      {isOpen && (
        <div class="stack">
          {parts.map((part) => (
            <div key={part.name} class="stack tight">
              <h3>
                <span class="mono">{part.name}</span> {part.isRequired ? '' : 'optional'}
              </h3>
              <SchemaView schema={part.schema} />
            </div>
          ))}
          {result !== null && (
            <div class="stack tight">
              <h3>Returns</h3>
              <SchemaView schema={result} />
            </div>
          )}
          <p>
            <a href={isMethod ? linkTo('calls', name) : linkTo('events', '', { masks: name })}>
              {isMethod ? 'Call it' : 'Watch it'}
            </a>
          </p>
        </div>
      )}
    </details>
  );
}

/** Its references are to the same definitions that the server tells by `discovery.get_schema`. */
function parsed(text: string): JsonObject {
  return JSON.parse(text.replaceAll('#/components/schemas/', '#/definitions/')) as JsonObject;
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const objects = (value: Json | undefined): readonly JsonObject[] =>
  isList(value) ? value.filter(isObject) : [];

function methodsOf(document: JsonObject | null): Entry[] {
  return objects(document?.['methods']).map((method) => {
    const result = method['result'];
    return {
      name: textOf(method['name']),
      about: textOf(method['description'] ?? method['summary']),
      parts: objects(method['params']).map((param) => ({
        name: textOf(param['name']),
        schema: (param['schema'] ?? true) as Schema,
        isRequired: param['required'] === true,
      })),
      result: isObject(result) ? ((result['schema'] ?? null) as Schema | null) : null,
    };
  });
}

function eventsOf(document: JsonObject | null): Entry[] {
  const components = document?.['components'];
  const messages = isObject(components) ? components['messages'] : undefined;
  if (!isObject(messages)) return [];
  return Object.entries(messages).flatMap(([key, message]): Entry[] => {
    if (!isObject(message)) return [];
    const name = textOf(message['name']) || key;
    const about = textOf(message['description'] ?? message['summary']);
    const schema = (message['payload'] ?? true) as Schema;
    return [{ name, about, parts: [{ name: 'frame', schema, isRequired: true }], result: null }];
  });
}
