import type { Json } from '../../forms/index.js';
import { clockOf, durationOf } from '../../parts/time.js';
import { history } from '../../state/calls.js';

const SHOWN = 12;

/** Earlier calls of the method, in this window; choosing one fills the form with its arguments. */
export function HistoryPanel({
  method,
  onOpen,
}: {
  readonly method: string;
  readonly onOpen: (args: readonly Json[]) => void;
}) {
  const own = history.value.filter((call) => call.method === method).slice(0, SHOWN);
  return (
    <section class="panel" aria-label="History">
      <header>
        <h2>History</h2>
        <span class="muted small end">this window only, without passwords</span>
      </header>
      {own.length === 0 && <p class="body muted">Calls of this method will be listed here.</p>}
      <ul class="history">
        {own.map(({ args, isGood, ms, atMs }) => (
          <li key={atMs}>
            <button type="button" title="Fill in these arguments" onClick={() => onOpen(args)}>
              <span class="muted">{clockOf(new Date(atMs)).slice(0, 8)}</span>
              <span class="ellipsis grow">
                {args.map((arg) => JSON.stringify(arg)).join(', ') || '()'}
              </span>
              <span class={`level ${isGood ? 'info' : 'error'}`}>{isGood ? 'good' : 'failed'}</span>
              <span class="muted">{durationOf(ms / 1_000)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
