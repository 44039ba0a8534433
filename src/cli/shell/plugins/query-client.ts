import { CommandError, EXIT } from '../../exit-status.js';
import type { QueryClient } from '../../sdk/index.js';
import type { Session } from '../../session/index.js';

/** How long an answer is the same. */
const FRESH_MS = 5_000;
const MAX_KEPT = 100;
/** Nobody waits so long. */
const QUERY_LIMIT_MS = 10_000;

interface QueryOptions {
  readonly session: Pick<Session, 'call'>;
  /** Whether the server has marked the method as one. */
  readonly isQuery: (method: string) => boolean;
}

interface Kept {
  readonly answer: Promise<unknown>;
  readonly untilMs: number;
}

/**
 * For what completes: `query` methods alone, one at a time, and what was asked a moment ago is not asked again.
 */
export function queryClientOf({ session, isQuery }: QueryOptions): QueryClient {
  const kept = new Map<string, Kept>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    call<Result>(method: string, args: readonly unknown[] = []): Promise<Result> {
      if (!isQuery(method)) {
        return Promise.reject(
          new CommandError(EXIT.usage, `${method} is no query: completion asks nothing else`),
        );
      }
      const key = JSON.stringify([method, args]);
      const known = kept.get(key);
      if (known !== undefined && known.untilMs > Date.now()) return known.answer as Promise<Result>;
      const answer = last.then(() => session.call(method, args, { timeoutMs: QUERY_LIMIT_MS }));
      last = answer.catch(() => kept.delete(key));
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(key, { answer, untilMs: Date.now() + FRESH_MS });
      return answer as Promise<Result>;
    },
  };
}
