import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { LOG_LEVELS } from '../../src/wire/constants.js';
import type { LOG_RECORD } from '../../src/wire/index.js';
import { call, epoch, isReady, start } from '../connection/session.js';
import type { CallError } from '../connection/session.js';
import { CopyButton } from '../parts/copy-button.js';
import { Gated } from '../parts/gated.js';
import { Icon } from '../parts/icon.js';
import { JsonTree } from '../parts/json-tree.js';
import { SearchBox } from '../parts/search-box.js';
import { Bones, Empty, Failure, PageHead } from '../parts/states.js';
import { StreamList } from '../parts/stream-list.js';
import { clockOf } from '../parts/time.js';
import { useTicks } from '../parts/use-frames.js';
import { usePauseKey } from '../parts/use-pause-key.js';
import { Ring } from '../state/ring.js';
import type { Shown } from '../state/shown.js';
import { isObject, type Json, wordOf } from '../forms/index.js';

/** With its place among all that came. */
type LogLine = Shown<typeof LOG_RECORD> & { readonly id: number };

const LEVELS: readonly string[] = LOG_LEVELS;
const KEPT = 5_000;

/** The server's log, live. */
export function Logs() {
  return (
    <Gated method="log.follow" what="The log of the server">
      <LogView />
    </Gated>
  );
}

function LogView() {
  const [level, setLevel] = useState('trace');
  const [component, setComponent] = useState('');
  const [words, setWords] = useState('');
  const [isPaused, setPaused] = useState(false);
  const [opened, setOpened] = useState<LogLine | null>(null);
  const { lines, total, error, retry } = useLog(isPaused);
  usePauseKey(() => setPaused((old) => !old));
  const components = useMemo(
    () => [...new Set(lines.map((line) => line.component))].sort(),
    [lines],
  );
  const shown = useMemo(() => {
    const least = LEVELS.indexOf(level);
    const wanted = words.toLowerCase();
    return lines.filter(
      (line) =>
        LEVELS.indexOf(line.level) >= least &&
        (component === '' || line.component === component) &&
        textOf(line).includes(wanted),
    );
  }, [lines, level, component, words]);
  return (
    <div class="page fixed">
      <PageHead title="Logs">
        <ServerLevel />
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
        <label class="row small muted">
          Show
          <select
            class="select"
            aria-label="Least level to show"
            value={level}
            onChange={(event) => setLevel(event.currentTarget.value)}
          >
            {LEVELS.map((name) => (
              <option key={name} value={name}>
                {name} and above
              </option>
            ))}
          </select>
        </label>
        <select
          class="select"
          aria-label="Component to show"
          value={component}
          onChange={(event) => setComponent(event.currentTarget.value)}
        >
          <option value="">All components</option>
          {components.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <SearchBox label="Filter log lines" placeholder="Words" value={words} onChange={setWords} />
        <span class="muted small end" role="status">
          {isPaused ? 'Paused; ' : ''}
          {shown.length} of {lines.length}
        </span>
      </div>
      {error !== null && <Failure error={error} onRetry={retry} />}
      <section class="panel fill" aria-label="Log">
        {shown.length === 0 ? (
          <Nothing isKnown={lines.length > 0} hasFailed={error !== null} />
        ) : (
          <StreamList
            label="Log lines"
            rows={shown}
            total={total}
            selected={opened?.id ?? null}
            idOf={({ id }) => id}
            onSelect={setOpened}
            render={(line) => (
              <>
                <span class="time">{clockOf(new Date(line.time))}</span>
                <span class={`level ${line.level}`}>{line.level}</span>
                <span class="muted hide-narrow">{line.component}</span>
                <span class="ellipsis">
                  {line.message} <span class="muted">{noteOf(line)}</span>
                </span>
              </>
            )}
          />
        )}
      </section>
      {opened !== null && (
        <section class="panel opened" aria-label="Opened line">
          <header>
            <span class={`level mono ${opened.level}`}>{opened.level}</span>
            <span class="muted small">
              {opened.component} · {opened.time}
            </span>
            <span class="end">
              <CopyButton label="Copy" text={() => recordOf(opened)} />
            </span>
            <button
              type="button"
              class="button quiet icon small"
              aria-label="Close"
              onClick={() => setOpened(null)}
            >
              <Icon name="close" size={14} />
            </button>
          </header>
          <div class="body stack tight">
            <pre>{opened.message}</pre>
            {Object.keys(opened.fields).length > 0 && <JsonTree value={opened.fields} open={4} />}
          </div>
        </section>
      )}
    </div>
  );
}

/** A log is never empty: where no line is, it is being read, or cannot be. */
function Nothing({ isKnown, hasFailed }: { isKnown: boolean; hasFailed: boolean }) {
  if (hasFailed) return null;
  if (!isKnown) return <Bones />;
  return (
    <Empty>
      <p>No line matches.</p>
    </Empty>
  );
}

/** The short ones of the other fields: which plugin, which user. */
function noteOf({ fields }: LogLine): string {
  return Object.entries(fields)
    .filter(([, value]) => typeof value !== 'object' && String(value).length < 40)
    .map(([name, value]) => `${name}=${wordOf(value)}`)
    .join(' ');
}

/** As one pastes it into a report: the line, then what came along. */
function recordOf({ time, level, component, message, fields }: LogLine): string {
  const head = `${time} ${level} ${component}: ${message}`;
  const more = Object.entries(fields).map(([name, value]) => `${name}: ${wordsOfField(value)}`);
  return [head, ...more].join('\n');
}

function wordsOfField(value: Json): string {
  if (typeof value === 'string') return value;
  if (isObject(value) && typeof value['stack'] === 'string') return value['stack'];
  return JSON.stringify(value, null, 2);
}

function textOf({ message, component, fields }: LogLine): string {
  return `${component} ${message} ${JSON.stringify(fields)}`.toLowerCase();
}

/** Follows the log for as long as the page is open; begins again after a lost connection. */
function useLog(isPaused: boolean) {
  const [tick, touch] = useTicks();
  const [error, setError] = useState<CallError | null>(null);
  const [round, setRound] = useState(0);
  const ring = useRef(new Ring<LogLine>(KEPT));
  const frozen = useRef<readonly LogLine[]>([]);
  const login = epoch.value;
  const ready = isReady.value;
  useEffect(() => {
    if (!ready) return;
    ring.current = new Ring<LogLine>(KEPT);
    setError(null);
    const stop = start(
      { method: 'log.follow', args: [{ tail: 500 }], isStream: true },
      (answer) => {
        if (answer.kind === 'failed' && answer.error.name !== 'ECONNABORTED')
          setError(answer.error);
        if (answer.kind !== 'items') return;
        for (const item of answer.items)
          ring.current.push({ ...(item as unknown as LogLine), id: ring.current.total });
        touch();
      },
    );
    return stop;
  }, [login, ready, round]);
  const lines = useMemo(() => {
    if (!isPaused) frozen.current = ring.current.snapshot();
    return frozen.current;
  }, [tick, isPaused]);
  return { lines, total: ring.current.total, error, retry: () => setRound((old) => old + 1) };
}

/** What the server writes at all; the page can show no more than that. */
function ServerLevel() {
  const [level, setLevel] = useState<string | null>(null);
  useEffect(() => {
    if (isReady.value)
      void call<string>('management.get_logging_level').then(setLevel, () => undefined);
  }, [epoch.value]);
  const change = async (next: string): Promise<void> => {
    await call('management.set_logging_level', [next]);
    setLevel(next);
  };
  if (level === null) return null;
  return (
    <label class="row small muted">
      Server records
      <select
        class="select"
        value={level}
        disabled={!isReady.value}
        onChange={(event) => void change(event.currentTarget.value)}
      >
        {LEVELS.map((name) => (
          <option key={name} value={name}>
            {name} and above
          </option>
        ))}
      </select>
    </label>
  );
}
