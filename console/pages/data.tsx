import { useMemo } from 'preact/hooks';
import { call } from '../connection/session.js';
import { Gated } from '../parts/gated.js';
import { NavList } from '../parts/nav-list.js';
import { useLoaded } from '../parts/resource.js';
import { Absent, Bones, Empty, Failure } from '../parts/states.js';
import { go, linkTo, route } from '../state/router.js';
import type { CollectionRow } from './data/collection-row.js';
import { CollectionView } from './data/collection-view.js';

/** The rows of the store, to look at. */
export function Data() {
  return (
    <Gated method="datastore.list_collections" what="The datastore">
      <Browser />
    </Gated>
  );
}

function Browser() {
  const { item } = route.value;
  const collections = useLoaded(
    (stop) => call<CollectionRow[]>('datastore.list_collections', [], stop),
    [],
  );
  const all = collections.value ?? [];
  const items = useMemo(
    () =>
      all
        .map(({ name, rows, shown_by: shownBy }) => ({
          id: name,
          label: name,
          group: shownBy === null ? 'Rows' : 'Shown by a method',
          note: rows === null ? undefined : <span class="muted small">{rows}</span>,
        }))
        .sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : a.id < b.id ? -1 : 1)),
    [collections.value],
  );
  const chosen = all.find(({ name }) => name === item);
  return (
    <div class={`split ${item === '' ? '' : 'chosen'}`}>
      <NavList title="Data" items={items} selected={item} onSelect={(id) => go('data', id)} />
      <section class="detail" aria-label={item === '' ? 'Collection' : item}>
        {collections.error !== null && (
          <Failure error={collections.error} onRetry={collections.reload} />
        )}
        {collections.value === null && collections.error === null && <Bones />}
        {chosen !== undefined && <CollectionView key={chosen.name} collection={chosen} />}
        {collections.value !== null && item === '' && (
          <Empty>
            <p>Choose a collection to look at its rows. Nothing can be changed here.</p>
          </Empty>
        )}
        {collections.value !== null && item !== '' && chosen === undefined && (
          <Absent name={item} all={[linkTo('data'), 'All collections']}>
            There is no such collection.
          </Absent>
        )}
      </section>
    </div>
  );
}
