import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { PublishedEvent, UnplacedEvent } from '../cluster/index.js';
import { LocalEventFanout } from '../cluster/local/index.js';
import { currentCause, withCause } from '../common/index.js';
import type { Logger } from '../sdk/index.js';
import { EventRouter } from './event-router.js';
import type { EventType } from './event-type.js';

/** Events have their place when the test says so, as where several nodes share one order. */
class LateFanout extends LocalEventFanout {
  readonly taken: UnplacedEvent[] = [];
  #receiver: (event: PublishedEvent) => void = () => undefined;
  #waiting: PublishedEvent[] = [];

  override publish(event: UnplacedEvent, cause: string | null): never {
    this.taken.push(event);
    this.#waiting.push(super.publish(event, cause));
    return null as never;
  }

  override deliverTo(receiver?: (event: PublishedEvent) => void): () => void {
    if (receiver !== undefined) this.#receiver = receiver;
    return () => undefined;
  }

  place(): void {
    for (const event of this.#waiting.splice(0)) this.#receiver(event);
  }
}

const NODE_TYPE: EventType = {
  description: null,
  schema: null,
  validator: null,
  source: null,
  scope: 'node',
};

let fanout: LateFanout;
let events: EventRouter;
let seen: string[];

beforeEach(() => {
  fanout = new LateFanout('epoch', { events: 100, bytes: 100_000 });
  seen = [];
  events = new EventRouter({
    logger: { error: vi.fn() } as unknown as Logger,
    now: () => new Date(0),
    fanout,
    typeOf: (name) => (name === 'load' ? NODE_TYPE : undefined),
  });
  events.addSink({ deliver: ({ name }) => void seen.push(`sink ${name}`) });
});

describe('events that have their place later', () => {
  it('reach handlers and sinks then, and synchronous handlers at once and once only', () => {
    events.addHandler('*', (_, name) => void seen.push(`later ${name}`));
    events.addHandler('*', (_, name) => void seen.push(`sync ${name}`), { sync: true });
    events.publish('a', {});
    expect(seen).toEqual(['sync a']);
    fanout.place();
    expect(seen).toEqual(['sync a', 'later a', 'sink a']);
  });

  it('make their publisher wait for synchronous handlers as ever', async () => {
    let settle: () => void = () => undefined;
    const settled = new Promise<void>((resolve) => (settle = resolve));
    events.addHandler('a', () => settled, { sync: true });
    const publisher = {};
    events.publishForeign('a', {}, publisher);
    events.publishForeign('b', {}, publisher);
    expect(fanout.taken.map(({ name }) => name)).toEqual(['a']);
    settle();
    await vi.waitFor(() => expect(fanout.taken.map(({ name }) => name)).toEqual(['a', 'b']));
  });

  it('are handled because of what they were published because of', () => {
    events.addHandler('a', () => void seen.push(String(currentCause())));
    withCause({ cause: 'c1' }, () => events.publish('a', {}));
    fanout.place();
    expect(seen).toEqual(['c1', 'sink a']);
  });

  it('stay in order when a handler publishes', () => {
    events.addHandler('a', () => events.publish('b', {}));
    events.addHandler('b', () => void seen.push('sync b'), { sync: true });
    events.publish('a', {});
    fanout.place();
    expect(seen).toEqual(['sink a', 'sync b']);
    fanout.place();
    expect(seen).toEqual(['sink a', 'sync b', 'sink b']);
  });

  it('tell their scope', () => {
    events.publish('load', {});
    events.publish('task.updated', {});
    expect(fanout.taken).toMatchObject([
      { name: 'load', scope: 'node' },
      { name: 'task.updated', scope: 'all' },
    ]);
  });
});
