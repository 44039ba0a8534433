import { AsyncQueue, onAbort } from '../../common/portable.js';
import { hasEnded, TASK_STATES, type TaskState } from '../../wire/constants.js';
import { canceled } from '../client-error.js';
import type { EventFor } from '../events/event-map.js';
import { isLostConnection, type TaskCaller } from './task-caller.js';
import type { TaskRow, TaskUpdate } from './task-types.js';

type TaskEventName = 'task.updated' | 'task.progress';

/** `stale`: what is known of the task may be old, because events were lost or the subscription just began. */
type Item =
  { readonly kind: 'event'; readonly event: EventFor<TaskEventName> } | { readonly kind: 'stale' };

/** How far along a task is: what was on its way when the row was read must not set it back. */
const RANK = new Map<TaskState, number>(TASK_STATES.map((state, rank) => [state, rank]));
const rankOf = (state: TaskState): number => RANK.get(state) ?? 0;

/**
 * Follows one task by its events, beginning with its row. The row is read after the subscription
 * stands, so nothing falls between the two; after a gap it is read again.
 */
export async function* followTask<Result>(
  client: TaskCaller,
  id: number,
  options: { readonly signal?: AbortSignal },
): AsyncGenerator<TaskUpdate<Result>, void, undefined> {
  const names: readonly TaskEventName[] = ['task.updated', 'task.progress'];
  const inbox = new TaskInbox(id);
  const subscription = client.events.on(names, (event) => inbox.put({ kind: 'event', event }), {
    onGap: () => inbox.put({ kind: 'stale' }),
  });
  // the wait for the subscription is a wait for the inbox, too: so the signal ends either
  subscription.ready.then(
    () => inbox.put({ kind: 'stale' }),
    (error: unknown) => inbox.fail(error as Error),
  );
  const forget = onAbort(options.signal, () =>
    inbox.fail(canceled(`Following task ${id}`, options.signal?.reason)),
  );
  try {
    for (let state: TaskState | null = null; state === null || !hasEnded(state);) {
      const item = await inbox.next();
      if (item === undefined) return; // nobody ends the inbox but by a failure
      if (item.kind === 'stale') {
        const row: TaskRow<Result> = await readRow(client, id, options);
        inbox.dropOlder(row.state);
        if (row.state !== state) yield { kind: 'state', state: row.state };
        state = row.state;
        if (!hasEnded(state)) yield { kind: 'progress', ...row.progress };
      } else if (state === null) {
        continue; // the row, once it is read, says more
      } else if (item.event.name === 'task.progress') {
        const { percentage, message, extra } = item.event.args;
        yield { kind: 'progress', percentage, message, extra };
      } else if (item.event.args.state !== state) {
        state = item.event.args.state;
        yield { kind: 'state', state };
      }
    }
    yield { kind: 'ended', row: await readRow(client, id, options) };
  } finally {
    forget();
    subscription.close();
  }
}

async function readRow<Result>(
  client: TaskCaller,
  id: number,
  { signal }: { readonly signal?: AbortSignal },
): Promise<TaskRow<Result>> {
  for (;;) {
    try {
      await client.ready(signal);
      return await client.call('task.status', [id], { signal });
    } catch (error) {
      if (!isLostConnection(error) || client.state.kind === 'closed') throw error;
    }
  }
}

/** The events of the one task, until they are taken. */
class TaskInbox {
  readonly #items = new AsyncQueue<Item>();

  constructor(private readonly id: number) {}

  put(item: Item): void {
    if (item.kind === 'event' && item.event.args.id !== this.id) return;
    // of progress only the latest counts, so a slow reader costs no memory
    if (isProgress(item)) this.#items.revise(withoutLastProgress);
    this.#items.push(item);
  }

  /** What came before the row was read and is older than it. */
  dropOlder(state: TaskState): void {
    this.#items.revise((items) =>
      items.filter(
        (item) => item.kind === 'stale' || rankOf(item.event.args.state) > rankOf(state),
      ),
    );
  }

  fail(error: Error): void {
    this.#items.fail(error);
  }

  next(): Promise<Item | undefined> {
    return this.#items.next();
  }
}

function withoutLastProgress(items: readonly Item[]): Item[] {
  const last = items.at(-1);
  return last !== undefined && isProgress(last) ? items.slice(0, -1) : [...items];
}

function isProgress(item: Item): boolean {
  return item.kind === 'event' && item.event.name === 'task.progress';
}
