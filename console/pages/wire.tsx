import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { frames, onFrame, type SeenFrame } from '../connection/frame-log.js';
import { isObject, type Json } from '../forms/index.js';
import { CopyButton } from '../parts/copy-button.js';
import { Icon } from '../parts/icon.js';
import { JsonTree } from '../parts/json-tree.js';
import { SearchBox } from '../parts/search-box.js';
import { Empty, PageHead } from '../parts/states.js';
import { StreamList } from '../parts/stream-list.js';
import { clockOf, sizeOf } from '../parts/time.js';
import { useTicks } from '../parts/use-frames.js';
import { usePauseKey } from '../parts/use-pause-key.js';

/** What this page says to the server and hears from it, frame by frame, as it travels. */
export function Wire() {
  const [isPaused, setPaused] = useState(false);
  const [words, setWords] = useState('');
  const [opened, setOpened] = useState<SeenFrame | null>(null);
  const [tick, touch] = useTicks();
  const frozen = useRef<readonly SeenFrame[]>([]);
  useEffect(() => onFrame(touch), []);
  usePauseKey(() => setPaused((old) => !old));
  const rows = useMemo(() => {
    if (!isPaused) frozen.current = frames.snapshot();
    return frozen.current;
  }, [tick, isPaused]);
  const wanted = words.toLowerCase();
  const shown = rows.filter(({ text }) => wanted === '' || text.toLowerCase().includes(wanted));
  return (
    <div class="page fixed">
      <PageHead title="Wire" lead="frames of this page">
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
        <SearchBox label="Filter frames" placeholder="Words" value={words} onChange={setWords} />
        <span class="muted small end" role="status">
          {shown.length} of {frames.total}; passwords, tokens and keys are hidden
        </span>
      </div>
      <section class="panel fill" aria-label="Frames">
        {shown.length === 0 ? (
          <Empty>
            <p>No frame matches.</p>
          </Empty>
        ) : (
          <StreamList
            label="Frames"
            rows={shown}
            total={frames.total}
            selected={opened?.id ?? null}
            idOf={({ id }) => id}
            onSelect={setOpened}
            render={(frame) => (
              <>
                <span class="time">{clockOf(frame.at)}</span>
                <span class={frame.direction === 'sent' ? 'level info' : 'level'}>
                  {frame.direction === 'sent' ? '→ sent' : '← got'}
                </span>
                <span class="ellipsis grow">{frame.text.slice(0, 300)}</span>
                <span class="muted hide-narrow">{sizeOf(frame.size)}</span>
              </>
            )}
          />
        )}
      </section>
      {opened !== null && <Opened frame={opened} onClose={() => setOpened(null)} />}
    </div>
  );
}

function Opened({ frame, onClose }: { readonly frame: SeenFrame; readonly onClose: () => void }) {
  const value = parsed(frame.text);
  return (
    <section class="panel opened" aria-label="Opened frame">
      <header>
        <h2>{frame.direction}</h2>
        <span class="muted small">
          {frame.at.toISOString()} · {sizeOf(frame.size)}
        </span>
        <span class="row end">
          <CopyButton label="Copy" text={() => frame.text} />
          <button
            type="button"
            class="button quiet icon small"
            aria-label="Close"
            onClick={onClose}
          >
            <Icon name="close" size={14} />
          </button>
        </span>
      </header>
      <div class="body">
        {value === null ? (
          <pre class="well small">{frame.text}</pre>
        ) : (
          <JsonTree value={value} open={4} />
        )}
        {frame.size > frame.text.length && <p class="muted small">The rest is not kept.</p>}
      </div>
    </section>
  );
}

function parsed(text: string): Json | null {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
