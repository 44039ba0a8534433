import { useState } from 'preact/hooks';
import type { BROWSED } from '../../../src/wire/index.js';
import { call } from '../../connection/session.js';
import { isList, type Json, type JsonObject } from '../../forms/index.js';
import { useLoaded } from '../../parts/resource.js';
import { RowTable } from '../../parts/row-table.js';
import { Segments } from '../../parts/segments.js';
import { Bones, Empty, Failure } from '../../parts/states.js';
import { linkTo, route } from '../../state/router.js';
import type { Shown } from '../../state/shown.js';
import type { CollectionRow } from './collection-row.js';
import { FilterText } from './filter-text.js';
import { filterOf, type Part, QueryBuilder } from './query-builder.js';
import { RowView } from './row-view.js';

const PAGE = 50;
const VIEWS = [
  { id: 'parts', label: 'Conditions' },
  { id: 'json', label: 'JSON' },
] as const;

/** A collection: the builder of a query, its rows, and one of them as a whole. */
export function CollectionView({ collection }: { readonly collection: CollectionRow }) {
  const { name, shown_by: shownBy } = collection;
  return (
    <div class="columns">
      <header class="stack tight">
        <p class="small">
          <a href={linkTo('data')}>Data</a>
        </p>
        <h1 class="mono">{name}</h1>
        <p class="muted small">
          Keys: {collection.key}
          {collection.unique.length > 0 &&
            ` · unique: ${collection.unique.map((fields) => fields.join('+')).join(', ')}`}
          {collection.indexes.length > 0 &&
            ` · indexes: ${collection.indexes.map((fields) => fields.join('+')).join(', ')}`}
        </p>
      </header>
      {shownBy === null ? (
        <Rows name={name} />
      ) : (
        <Empty>
          <p>
            Its rows hold what nobody is shown. <a href={linkTo('calls', shownBy)}>{shownBy}</a>{' '}
            lists them without that.
          </p>
        </Empty>
      )}
    </div>
  );
}

function Rows({ name }: { readonly name: string }) {
  const [parts, setParts] = useState<readonly Part[]>([]);
  const [view, setView] = useState<'parts' | 'json'>('parts');
  const [filter, setFilter] = useState<Json>([]);
  const [sort, setSort] = useState('id');
  const [offset, setOffset] = useState(0);
  const page = useLoaded(
    (stop) =>
      call<Shown<typeof BROWSED>>(
        'datastore.browse',
        [name, filter, { sort: [sort], offset, limit: PAGE }],
        stop,
      ),
    [JSON.stringify(filter), sort, offset],
  );
  const opened = route.value.query.get('row');
  const rows = (page.value?.rows ?? []) as readonly JsonObject[];
  const fields = fieldsOf(rows);
  const total = page.value?.total ?? 0;
  const isFiltered = isList(filter) && filter.length > 0;
  const apply = (next: Json): void => {
    setOffset(0);
    setFilter(next);
  };
  const change = (next: readonly Part[]): void => {
    setParts(next);
    apply(filterOf(next));
  };
  const switchTo = (next: 'parts' | 'json'): void => {
    setView(next);
    // what was written as JSON may say more than conditions one by one can
    if (next === 'parts') apply(filterOf(parts));
  };
  return (
    <>
      <Segments label="Filter by" size="small" options={VIEWS} value={view} onChange={switchTo} />
      {view === 'parts' ? (
        <QueryBuilder parts={parts} fields={fields} onChange={change} />
      ) : (
        <FilterText filter={filter} fields={fields} onApply={apply} />
      )}
      {page.error !== null && <Failure error={page.error} onRetry={page.reload} />}
      <section class="panel" aria-label="Rows">
        <header>
          <h2>Rows</h2>
          <span class="muted" role="status">
            {page.value === null ? '' : `${total}${isFiltered ? ' match' : ''}`}
          </span>
          <span class="row end">
            <button
              type="button"
              class="button small"
              disabled={offset === 0}
              onClick={() => setOffset(Math.max(0, offset - PAGE))}
            >
              Before
            </button>
            <span class="muted small">
              {total === 0 ? 0 : offset + 1} to {Math.min(total, offset + rows.length)}
            </span>
            <button
              type="button"
              class="button small"
              disabled={offset + rows.length >= total}
              onClick={() => setOffset(offset + PAGE)}
            >
              Next
            </button>
          </span>
        </header>
        {page.value === null && page.error === null && <Bones lines={4} />}
        {page.value !== null && rows.length === 0 && (
          <Empty>
            <p>{isFiltered ? 'No row matches.' : 'The collection is empty.'}</p>
          </Empty>
        )}
        {rows.length > 0 && (
          <RowTable
            rows={rows}
            sort={sort}
            onSort={setSort}
            linkOf={(row) => linkTo('data', name, { row: JSON.stringify(row['id']) })}
          />
        )}
      </section>
      {opened !== null && <RowView key={opened} collection={name} id={idOf(opened)} />}
    </>
  );
}

function idOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function fieldsOf(rows: readonly JsonObject[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))].sort();
}
