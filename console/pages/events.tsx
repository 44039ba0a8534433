import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { compileMask } from '../../src/client/index.js';
import { subscribe } from '../connection/session.js';
import { Icon } from '../parts/icon.js';
import { Spark } from '../parts/spark.js';
import { SearchBox } from '../parts/search-box.js';
import { Empty, PageHead } from '../parts/states.js';
import { StreamList } from '../parts/stream-list.js';
import { clockOf } from '../parts/time.js';
import { useTicks } from '../parts/use-frames.js';
import { usePauseKey } from '../parts/use-pause-key.js';
import { Rate } from '../state/rate.js';
import { Ring } from '../state/ring.js';
import { linkTo, rewrite, route } from '../state/router.js';
import { EventDetail } from './events/event-detail.js';
import { MaskPicker } from './events/mask-picker.js';
import { PublishForm } from './events/publish-form.js';
import type { SeenEvent } from './events/seen-event.js';

const KEPT = 5_000;
/** What was seen stays when one looks at another page and comes back. */
const seen = new Ring<SeenEvent>(KEPT);
const rate = new Rate();

/** Events as they happen, by masks. */
export function Events() {
  const [masks, setMasks] = useState<readonly string[]>(
    () => route.value.query.get('masks')?.split(',').filter(Boolean) ?? ['*'],
  );
  const [isPaused, setPaused] = useState(false);
  const [words, setWords] = useState('');
  const [opened, setOpened] = useState<SeenEvent | null>(null);
  const [isPublishing, setPublishing] = useState(false);
  const rows = useEvents(masks, isPaused);
  const linked = route.value.query.get('masks');
  useEffect(() => {
    if (linked !== null) setMasks(linked.split(',').filter(Boolean));
  }, [linked]);
  useEffect(() => rewrite(linkTo('events', '', { masks: masks.join(',') })), [masks]);
  usePauseKey(() => setPaused((old) => !old));
  const shown = useMemo(() => filtered(rows, masks, words), [rows, masks, words]);
  return (
    <div class="page fixed">
      <PageHead title="Events" lead={`${rate.last(Date.now())} a second`}>
        <button
          type="button"
          class="button"
          aria-expanded={isPublishing}
          onClick={() => setPublishing(!isPublishing)}
        >
          Publish…
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            seen.clear();
            setOpened(null);
            setWords('');
            setMasks([...masks]);
          }}
        >
          Clear
        </button>
        <button
          type="button"
          class="button"
          aria-pressed={isPaused}
          onClick={() => setPaused(!isPaused)}
        >
          <Icon name={isPaused ? 'play' : 'pause'} size={14} /> {isPaused ? 'Go on' : 'Pause'}
        </button>
      </PageHead>
      <div class="toolbar">
        <MaskPicker masks={masks} onChange={setMasks} />
        <SearchBox
          label="Filter events"
          placeholder="Words in name or arguments"
          value={words}
          onChange={setWords}
        />
        <span class="muted small end" role="status">
          {isPaused ? 'Paused; ' : ''}
          {shown.length} of {seen.total}
        </span>
      </div>
      {isPublishing && <PublishForm />}
      <section class="panel fill" aria-label="Seen events">
        <RateStrip values={rate.series(Date.now())} />
        {shown.length === 0 ? (
          <Empty>
            {rows.length > 0 && words !== '' ? (
              <p>Nothing that was seen matches “{words}”.</p>
            ) : (
              <p>
                No event yet that matches {masks.join(', ') || 'no mask at all'}. They appear here
                as they happen.
              </p>
            )}
          </Empty>
        ) : (
          <StreamList
            label="Events"
            rows={shown}
            total={seen.total}
            selected={opened?.id ?? null}
            idOf={({ id }) => id}
            onSelect={setOpened}
            render={(event) => (
              <>
                <span class="time">{clockOf(event.at)}</span>
                <span class="event-name ellipsis">{event.name}</span>
                <span class="muted ellipsis hide-narrow">{event.text.slice(0, 300)}</span>
              </>
            )}
          />
        )}
      </section>
      {opened !== null && <EventDetail event={opened} onClose={() => setOpened(null)} />}
    </div>
  );
}

/** How many came each second of the last minute, and what its height stands for. */
function RateStrip({ values }: { readonly values: readonly number[] }) {
  return (
    <div class="rate">
      <Spark values={values} />
      <span class="small muted">to {Math.max(1, ...values)} a second</span>
    </div>
  );
}

/** What was seen, as of the last tenth of a second; what comes while it is paused is kept for later. */
function useEvents(masks: readonly string[], isPaused: boolean): readonly SeenEvent[] {
  const [tick, touch] = useTicks();
  const paused = useRef(isPaused);
  paused.current = isPaused;
  const frozen = useRef<readonly SeenEvent[]>([]);
  useEffect(
    () =>
      subscribe(masks, ({ name, args, cause }) => {
        const now = Date.now();
        rate.add(now);
        const at = new Date(now);
        seen.push({ id: seen.total, name, args, text: JSON.stringify(args), at, cause });
        touch();
      }),
    [masks],
  );
  useEffect(() => {
    const timer = setInterval(touch, 1_000);
    return () => clearInterval(timer);
  }, []);
  return useMemo(() => {
    if (!isPaused) frozen.current = seen.snapshot();
    return frozen.current;
  }, [tick, isPaused, masks]);
}

function filtered(
  rows: readonly SeenEvent[],
  masks: readonly string[],
  words: string,
): readonly SeenEvent[] {
  const patterns = masks.map(compileMask);
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ name, text }) => {
    if (!patterns.some((pattern) => pattern(name))) return false;
    const whole = `${name} ${text}`.toLowerCase();
    return wanted.every((word) => whole.includes(word));
  });
}
