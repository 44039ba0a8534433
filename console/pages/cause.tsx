import { useEffect, useState } from 'preact/hooks';
import { Icon, type IconName } from '../parts/icon.js';
import { JsonTree } from '../parts/json-tree.js';
import { useLoaded } from '../parts/resource.js';
import { Segments } from '../parts/segments.js';
import { Bones, Empty, Failure, PageHead } from '../parts/states.js';
import { clockOf, durationOf } from '../parts/time.js';
import { go, linkTo, route } from '../state/router.js';
import { readTrail, type Step, type Trail } from './cause/read-trail.js';

const KINDS = [
  { id: 'all', label: 'All' },
  { id: 'log', label: 'Log' },
  { id: 'event', label: 'Events' },
  { id: 'task', label: 'Tasks' },
  { id: 'call', label: 'Calls' },
] as const;
type Kind = (typeof KINDS)[number]['id'];

const ICONS: Readonly<Record<Step['kind'], IconName>> = {
  log: 'logs',
  event: 'events',
  task: 'tasks',
  call: 'calls',
};

/** What came of one thing: its log lines, events, tasks and calls, in the order in which they were. */
export function CausePage() {
  const { item } = route.value;
  const [typed, setTyped] = useState(item);
  useEffect(() => setTyped(item), [item]);
  return (
    <div class="page">
      <div class="content">
        <PageHead title="Causes" />
        <form
          class="toolbar"
          onSubmit={(event) => {
            event.preventDefault();
            if (typed.trim() !== '') go('cause', typed.trim());
          }}
        >
          <input
            class="input mono"
            style={{ maxWidth: '420px' }}
            aria-label="Reference, cause or number of a task"
            placeholder="Reference, cause or number of a task"
            maxLength={64}
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
          <button type="submit" class="button">
            Follow
          </button>
        </form>
        {item === '' ? (
          <Empty>
            <p>
              An error bears a reference, a log line and a task a cause. Enter one, or choose it
              where it stands: what came of the same is shown here as one line of time.
            </p>
          </Empty>
        ) : (
          <Found key={item} id={item} />
        )}
      </div>
    </div>
  );
}

function Found({ id }: { readonly id: string }) {
  const trail = useLoaded((stop) => readTrail(id, stop), [id]);
  const [kind, setKind] = useState<Kind>('all');
  const { value } = trail;
  if (value === null)
    return trail.error === null ? (
      <Bones />
    ) : (
      <Failure error={trail.error} onRetry={trail.reload} />
    );
  const steps = value.steps.filter((step) => kind === 'all' || step.kind === kind);
  return (
    <>
      <div class="row wrap">
        {value.cause !== null && (
          <span class="muted">
            Cause <span class="mono">{value.cause}</span>
          </span>
        )}
        <span class="row end">
          <Segments
            label="What to show"
            size="small"
            options={KINDS}
            value={kind}
            onChange={setKind}
          />
          <button type="button" class="button small" onClick={trail.reload}>
            <Icon name="reload" size={14} /> Read again
          </button>
        </span>
      </div>
      <Notes trail={value} />
      <section class="panel" aria-label="What happened">
        {steps.length === 0 && (
          <Empty>
            <p>
              Nothing that is still kept bears {id}. The log keeps its last 1,000 lines at hand;
              older ones are in the server’s log file or journal.
            </p>
          </Empty>
        )}
        <ol class="trail">
          {steps.map((step, index) => (
            <StepRow key={index} step={step} first={steps[0]?.at ?? null} />
          ))}
        </ol>
      </section>
    </>
  );
}

function Notes({ trail }: { readonly trail: Trail }) {
  if (trail.left.length === 0 && !trail.hasGap) return null;
  return (
    <div class="small muted">
      {trail.left.length > 0 && <p>Not asked: {trail.left.join('; ')}.</p>}
      {trail.hasGap && <p>Older events are no longer kept.</p>}
    </div>
  );
}

function StepRow({ step, first }: { readonly step: Step; readonly first: Date | null }) {
  const { at, kind, title, mark, detail, link } = step;
  const since = at === null || first === null ? 0 : (at.getTime() - first.getTime()) / 1_000;
  return (
    <li>
      <span class="mono small muted time" title={at?.toISOString()}>
        {at === null ? '' : clockOf(at)}
      </span>
      <span class="mono small muted since">{since > 0 ? `+${durationOf(since)}` : ''}</span>
      <Icon name={ICONS[kind]} size={14} />
      <span class="visually-hidden">{kind}</span>
      <div class="grow">
        {mark !== '' && <span class={`level mono small ${mark}`}>{mark} </span>}
        {link === undefined ? title : <a href={linkTo(link.page, link.item)}>{title}</a>}
        {detail !== null && JSON.stringify(detail).length > 2 && (
          <details>
            <summary class="small muted">more</summary>
            <JsonTree value={detail} open={3} />
          </details>
        )}
      </div>
    </li>
  );
}
