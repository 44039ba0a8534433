import { useState } from 'preact/hooks';
import { isList, isObject, type Json } from '../forms/index.js';
import { linkTo } from '../state/router.js';
import { momentOf, stampOf } from './time.js';

/** As many children as one look takes in; a result of 10 MB must not become a million elements. */
const STEP = 100;
const MAX_TEXT = 2_000;

interface TreeProps {
  readonly value: Json;
  readonly name?: string;
  /** Levels that are open from the start. */
  readonly open?: number;
}

/** A value as a tree that unfolds; text is text. */
export function JsonTree({ value, open = 2 }: TreeProps) {
  return (
    <div class="tree">
      <Branch value={value} open={open} />
    </div>
  );
}

function Branch({ value, name, open = 0 }: TreeProps) {
  const [isOpen, setOpen] = useState(open > 0);
  const [limit, setLimit] = useState(STEP);
  const entries = entriesOf(value);
  if (entries === null || entries.length === 0 || extendedOf(value) !== null)
    return <Leaf value={value} {...(name !== undefined && { name })} />;
  const more = entries.length - limit;
  return (
    <>
      <button type="button" class="toggle" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {name !== undefined && <span class="key">{name}: </span>}
        <span class="sum">{isList(value) ? `[${entries.length}]` : `{${entries.length}}`}</span>
        {!isOpen && <span class="sum"> {preview(value)}</span>}
      </button>
      {isOpen && (
        <ul>
          {entries.slice(0, limit).map(([key, item]) => (
            <li key={key}>
              <Branch value={item} name={key} open={open - 1} />
            </li>
          ))}
          {more > 0 && (
            <li>
              <button type="button" class="add" onClick={() => setLimit(limit + STEP * 5)}>
                {more} more
              </button>
            </li>
          )}
        </ul>
      )}
    </>
  );
}

/** `{"$date": …}` and its like: what they are, in one line. */
function extendedOf(value: Json): { readonly kind: string; readonly text: string } | null {
  if (!isObject(value)) return null;
  const [entry, ...others] = Object.entries(value);
  if (entry === undefined || others.length > 0) return null;
  const [key, inner] = entry;
  const kind = EXTENDED.get(key);
  if (kind === undefined || typeof inner !== 'string') return null;
  const date = kind === 'date' ? momentOf(value) : null;
  return { kind, text: date === null ? inner : stampOf(date) };
}

/** Names under which there is an id that other things bear, too. */
const LEADS_ON: ReadonlySet<string> = new Set(['cause', 'reference']);

const EXTENDED: ReadonlyMap<string, string> = new Map([
  ['$date', 'date'],
  ['$long', 'large integer'],
  ['$binary', 'base64'],
  ['$password', 'password'],
]);

function Leaf({ value, name }: TreeProps) {
  const extended = extendedOf(value);
  if (extended !== null) {
    return (
      <span class="leaf" title={JSON.stringify(value).slice(0, MAX_TEXT)}>
        {name !== undefined && <span class="key">{name}: </span>}
        <span class="string">{extended.text.slice(0, MAX_TEXT)}</span>{' '}
        <span class="sum">{extended.kind}</span>
      </span>
    );
  }
  if (typeof value === 'string' && name !== undefined && LEADS_ON.has(name) && value !== '') {
    return (
      <span class="leaf">
        <span class="key">{name}: </span>
        <a href={linkTo('cause', value)}>{value.slice(0, 64)}</a>
      </span>
    );
  }
  if (typeof value === 'string' && value.includes('\n')) {
    return (
      <div class="leaf">
        {name !== undefined && <span class="key">{name}: </span>}
        <pre class="well small">{value.slice(0, MAX_TEXT)}</pre>
      </div>
    );
  }
  const kind = typeof value === 'string' ? 'string' : typeof value === 'number' ? 'number' : 'word';
  const text = JSON.stringify(value);
  return (
    <span class="leaf">
      {name !== undefined && <span class="key">{name}: </span>}
      <span class={kind}>
        {text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text}
      </span>
    </span>
  );
}

function entriesOf(value: Json): [string, Json][] | null {
  if (isList(value)) return value.map((item, index) => [String(index), item]);
  return isObject(value) ? Object.entries(value) : null;
}

function preview(value: Json): string {
  const parts = (entriesOf(value) ?? []).slice(0, 4).map(([key, item]) => {
    const text = isList(item) ? '[…]' : isObject(item) ? '{…}' : JSON.stringify(item).slice(0, 40);
    return isList(value) ? text : `${key}: ${text}`;
  });
  return parts.join(', ').slice(0, 120);
}
