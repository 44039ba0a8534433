import { once } from 'node:events';
import type { DispatcherEvent, EventGap } from '../../client/index.js';
import { abortable, AsyncQueue, onAbort } from '../../common/portable.js';
import type { CommandIo, Invocation } from '../command.js';
import { CommandError, EXIT, UsageError } from '../exit-status.js';
import { onServer } from '../on-server.js';
import { jsonText, printable } from '../output/index.js';
import type { Session } from '../session/index.js';

interface Replay {
  readonly events: readonly DispatcherEvent[];
  readonly cursor: string;
  readonly gap: boolean;
}

/** An event, or a place where some are missing. */
export type Item =
  | { readonly kind: 'event'; readonly event: DispatcherEvent }
  | { readonly kind: 'gap'; readonly since: string; readonly cursor: string | null };

/**
 * Prints events as they happen, until ^C or until there were `--count` of them. Lives through lost
 * connections; where events may be missing it says so, in their place.
 *
 * @throws UsageError; what the server has against a mask or a cursor
 */
export async function listenCommand(invocation: Invocation): Promise<undefined> {
  const { operands, options, io } = invocation;
  const count = countOf(options.text('count'));
  const since = options.text('since');
  const isJson = options.has('json');
  await onServer(
    invocation,
    async (session) => {
      let left = count;
      for await (const item of itemsOf(session, operands, since)) {
        const text = isJson ? jsonOf(item) : textOf(item);
        if (!io.output.write(`${text}\n`)) await drained(io);
        if (item.kind === 'event') left -= 1;
        if (left === 0) return;
      }
    },
    { patienceMs: null },
  );
}

function countOf(text: string | null): number {
  if (text === null) return Infinity;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--count: a number of events, got ${JSON.stringify(text)}`);
}

/** More than these wait for a reader who does not read: what is lost is not to be passed over. */
const MAX_WAITING = 100_000;

/** What happened since the cursor, then what happens: subscribed first, so nothing falls between. */
export async function* itemsOf(
  { client, call, signal }: Pick<Session, 'client' | 'call' | 'signal'>,
  masks: readonly string[],
  since: string | null,
): AsyncGenerator<Item, void, undefined> {
  const queue = new AsyncQueue<Item>(MAX_WAITING);
  const put = (item: Item): void => {
    if (!queue.push(item)) queue.fail(tooSlow());
  };
  const subscription = client.events.on(masks, (event) => put({ kind: 'event', event }), {
    onGap: ({ since: from, cursor }: EventGap) => put({ kind: 'gap', since: from, cursor }),
  });
  const forget = onAbort(signal, () => queue.fail(signal.reason as Error));
  try {
    await abortable(subscription.ready, signal);
    const seen = new Set<string>();
    if (since !== null) {
      const { events, cursor, gap } = await call<Replay>('event.replay', [masks, { since }]);
      if (gap) yield { kind: 'gap', since, cursor };
      for (const event of events) {
        if (event.cursor !== null) seen.add(event.cursor);
        yield { kind: 'event', event };
      }
    }
    for await (const item of queue) {
      const isTwice =
        item.kind === 'event' && item.event.cursor !== null && seen.has(item.event.cursor);
      if (!isTwice) yield item;
    }
  } finally {
    forget();
    subscription.close();
  }
}

const tooSlow = (): CommandError =>
  new CommandError(EXIT.failed, 'Events come faster than they are read');

async function drained({ output, interrupt }: CommandIo): Promise<void> {
  await once(output, 'drain', { signal: interrupt });
}

/** One line of JSON. */
export function jsonOf(item: Item): string {
  if (item.kind === 'gap') return jsonText({ gap: true, since: item.since, cursor: item.cursor });
  const { name, args, cursor } = item.event;
  return jsonText({ name, args, cursor });
}

/** One line for people. */
export function textOf(item: Item): string {
  if (item.kind === 'gap') {
    return `-- gap: events between ${printable(item.since)} and ${printable(item.cursor ?? 'now')} are lost --`;
  }
  const { name, args } = item.event;
  const { timestamp, ...rest } = args;
  return printable(`${timeText(timestamp)} ${name}${argsText(rest)}`);
}

function timeText(timestamp: unknown): string {
  const { $date } = (timestamp ?? {}) as { readonly $date?: unknown };
  if (typeof $date === 'string') return $date;
  return typeof timestamp === 'number' ? new Date(timestamp * 1_000).toISOString() : '-';
}

const argsText = (args: Readonly<Record<string, unknown>>): string =>
  Object.entries(args)
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
