import { useEffect, useState } from 'preact/hooks';
import { actingAs, connect, missedAt, phase, stopActing } from './connection/session.js';
import { Icon } from './parts/icon.js';
import { loadError, readOffer } from './state/registry.js';
import { Failure } from './parts/states.js';
import { clockOf } from './parts/time.js';

/** Tells of a lost connection, and of what was missed meanwhile; hidden in peace. */
export function Strip() {
  const current = phase.value;
  if (current.kind === 'lost') return <Lost retryAtMs={current.retryAtMs} />;
  if (actingAs.value !== null) return <Acting user={actingAs.value} />;
  if (missedAt.value !== null) return <Missed at={missedAt.value} />;
  if (loadError.value === null || current.kind !== 'ready') return null;
  return <Failure error={loadError.value} onRetry={() => void readOffer()} />;
}

function Lost({ retryAtMs }: { readonly retryAtMs: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((retryAtMs - now) / 1_000));
  return (
    <div class="strip">
      <Icon name="warn" />
      <span role="status">Connection lost. What you see is from before.</span>
      <span class="muted">Trying again {seconds === 0 ? 'now' : `in ${seconds} s`}</span>
      <button type="button" class="button small end" onClick={connect}>
        Try now
      </button>
    </div>
  );
}

function Missed({ at }: { readonly at: Date }) {
  return (
    <div class="strip">
      <Icon name="warn" />
      <span role="status">
        Some events from before {clockOf(at).slice(0, 8)} are missing here: the page was away for
        longer than the server keeps them.
      </span>
      <button type="button" class="button small end" onClick={() => (missedAt.value = null)}>
        Understood
      </button>
    </div>
  );
}

function Acting({ user }: { readonly user: string }) {
  return (
    <div class="strip acting">
      <Icon name="users" />
      <span role="status">
        You act as <strong>{user}</strong>: what is called here is called with that user’s roles.
      </span>
      <button type="button" class="button small end" onClick={stopActing}>
        Be yourself again
      </button>
    </div>
  );
}
