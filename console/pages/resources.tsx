import { useEffect, useMemo, useState } from 'preact/hooks';
import { call } from '../connection/session.js';
import { useLoaded } from '../parts/resource.js';
import { SearchBox } from '../parts/search-box.js';
import { Bones, Empty, Failure, PageHead } from '../parts/states.js';
import { hasTasks, isLoaded } from '../state/registry.js';
import { go, linkTo, route } from '../state/router.js';
import { followTasks } from '../state/tasks.js';
import { Graph } from './resources/graph.js';
import type { ResourceRow } from './resources/layout.js';

/** More are not drawn: a picture of thousands says nothing. */
const MAX_DRAWN = 300;
const REREAD_MS = 300;

/** What tasks can lock: the graph, who holds what, and who waits for it. */
export function Resources() {
  const resources = useLoaded((stop) => call<ResourceRow[]>('task.list_resources', [], stop), []);
  const [words, setWords] = useState('');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = followTasks(({ kind }) => {
      if (kind === 'progress') return;
      timer ??= setTimeout(() => {
        timer = undefined;
        resources.reload();
      }, REREAD_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
  const { item } = route.value;
  const rows = resources.value ?? [];
  const shown = useMemo(() => related(rows, words).slice(0, MAX_DRAWN), [resources.value, words]);
  const selected = rows.find(({ name }) => name === item);
  if (isLoaded.value && !hasTasks.value) {
    return (
      <Empty>
        <p>This server runs no tasks, so there is nothing to lock.</p>
      </Empty>
    );
  }
  return (
    <div class="page">
      <PageHead title="Resources" lead={`${rows.length}`}>
        <span class="tag busy">held</span>
        <span class="tag warn">waited for</span>
      </PageHead>
      <div class="toolbar">
        <SearchBox label="Filter resources" placeholder="Name" value={words} onChange={setWords} />
        {shown.length < rows.length && (
          <span class="muted small">
            {shown.length} of {rows.length} are drawn
          </span>
        )}
      </div>
      {resources.error !== null && <Failure error={resources.error} onRetry={resources.reload} />}
      {resources.value === null && resources.error === null && <Bones />}
      {rows.length > 0 && (
        <section class="panel" aria-label="Graph of resources">
          <Graph rows={shown} selected={item} onSelect={(name) => go('resources', name)} />
        </section>
      )}
      {selected !== undefined && <Chosen row={selected} />}
    </div>
  );
}

/** Those that match, with everything above them, so that the picture hangs together. */
function related(rows: readonly ResourceRow[], words: string): readonly ResourceRow[] {
  if (words.trim() === '') return rows;
  const byName = new Map(rows.map((row) => [row.name, row]));
  const wanted = new Set<string>();
  const queue = rows
    .filter(({ name }) => name.toLowerCase().includes(words.toLowerCase()))
    .map(({ name }) => name);
  while (queue.length > 0) {
    const name = queue.pop() ?? '';
    if (wanted.has(name)) continue;
    wanted.add(name);
    queue.push(...(byName.get(name)?.parents ?? []));
  }
  return rows.filter(({ name }) => wanted.has(name));
}

function Chosen({ row }: { readonly row: ResourceRow }) {
  return (
    <section class="panel" aria-label="Chosen resource">
      <header>
        <h2 class="mono">{row.name}</h2>
      </header>
      <div class="body">
        <dl class="definition">
          <dt>Held by</dt>
          <dd>
            {row.holders.map(({ task, mode }) => (
              <div key={task}>
                <a href={linkTo('tasks', String(task))}>task {task}</a>{' '}
                <span class="muted">{mode}</span>
              </div>
            ))}
            {row.holders.length === 0 && <span class="muted">nobody</span>}
          </dd>
          <dt>Waited for by</dt>
          <dd>
            {row.waiters.map((task) => (
              <div key={task}>
                <a href={linkTo('tasks', String(task))}>task {task}</a>
              </div>
            ))}
            {row.waiters.length === 0 && <span class="muted">nobody</span>}
          </dd>
          <dt>Depends on</dt>
          <dd class="mono">{row.parents.join(', ') || 'nothing'}</dd>
        </dl>
      </div>
    </section>
  );
}
