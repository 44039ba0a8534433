import { clockOf, durationOf } from '../../parts/time.js';
import { history } from '../../state/calls.js';
import { methods } from '../../state/registry.js';
import { may } from '../../state/rights.js';
import { linkTo } from '../../state/router.js';

const SHOWN = 8;
/** Harmless ones that say something on every machine. */
const TO_TRY = ['system.info', 'system.load', 'system.memory', 'management.status'];

/** Calls of this window, or which one to begin with. */
export function Recent() {
  const calls = history.value.slice(0, SHOWN);
  const known = new Set(methods.value.map(({ path }) => path));
  const tries = TO_TRY.filter((path) => known.has(path) && may(path));
  return (
    <section class="panel" aria-label="Calls of this window">
      <header>
        <h2>Calls of this window</h2>
        <a class="end small" href={linkTo('calls')}>
          All methods
        </a>
      </header>
      {calls.length === 0 ? (
        <p class="body muted">
          None yet.{' '}
          {tries.length > 0 && (
            <>
              Try{' '}
              {tries.map((path, index) => (
                <>
                  {index > 0 && ', '}
                  <a key={path} class="mono" href={linkTo('calls', path)}>
                    {path}
                  </a>
                </>
              ))}
            </>
          )}
        </p>
      ) : (
        <table class="table">
          <tbody>
            {calls.map(({ method, args, isGood, ms, atMs }) => (
              <tr key={atMs}>
                <td class="mono small muted">{clockOf(new Date(atMs)).slice(0, 8)}</td>
                <td class="mono">
                  <a href={linkTo('calls', method, { args: JSON.stringify(args) })}>{method}</a>
                </td>
                <td>
                  <span class={`tag ${isGood ? 'good' : 'bad'}`}>{isGood ? 'good' : 'failed'}</span>
                </td>
                <td class="number">{durationOf(ms / 1_000)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
