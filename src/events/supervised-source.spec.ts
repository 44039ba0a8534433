import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LocalEventFanout } from '../cluster/local/index.js';
import { EventSource, Logger } from '../sdk/index.js';
import type { Clock } from './clock.js';

import { EventRouter } from './event-router.js';
import { SupervisedSource } from './supervised-source.js';

class VirtualClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Map<() => void, number>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const own = (): void => action();
    this.#timers.set(own, this.#nowMs + delayMs);
    return () => void this.#timers.delete(own);
  }

  get pending(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const [action, dueMs] of [...this.#timers]) {
      if (dueMs > this.#nowMs) continue;
      this.#timers.delete(action);
      action();
    }
  }
}

class RecordingLogger extends Logger {
  trace = vi.fn();
  debug = vi.fn();
  info = vi.fn();
  warn = vi.fn();
  error = vi.fn();
}

/** A source whose every turn of `run` ends as the test says. */
class Scripted extends EventSource {
  readonly said: string[] = [];
  readonly turns: {
    readonly signal: AbortSignal;
    readonly end: () => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  living = 0;
  mostLiving = 0;

  async run(signal: AbortSignal): Promise<void> {
    this.said.push('run');
    this.living += 1;
    this.mostLiving = Math.max(this.mostLiving, this.living);
    try {
      await new Promise<void>((end, fail) => this.turns.push({ signal, end, fail }));
    } finally {
      this.living -= 1;
    }
  }

  override enable(event: string): void | Promise<void> {
    this.said.push(`+${event}`);
  }

  override disable(event: string): void {
    this.said.push(`-${event}`);
  }

  get turn() {
    const turn = this.turns.at(-1);
    if (turn === undefined) throw new Error('run was not called');
    return turn;
  }
}

let clock: VirtualClock;
let logger: RecordingLogger;
let events: EventRouter;
let failures: unknown[];
let source: Scripted;
let supervised: SupervisedSource;

beforeEach(() => {
  clock = new VirtualClock();
  logger = new RecordingLogger();
  const journal = new LocalEventFanout('epoch', { events: 10, bytes: 10_000 });
  events = new EventRouter({
    logger,
    fanout: journal,
    now: () => new Date(0),
    typeOf: () => undefined,
  });
  failures = [];
  events.addHandler('plugin.event_source_failed', (args) => void failures.push(args));
  source = new Scripted();
  supervised = supervise(source);
});

function supervise(instance: EventSource): SupervisedSource {
  const ports = { events, logger, clock, random: () => 0 };
  return new SupervisedSource({ name: 'disk.seen', plugin: 'storage', instance }, ports);
}

/** Lets the promises of a loop that settled do their work. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function failOnce(message = 'boom'): Promise<void> {
  source.turn.fail(new Error(message));
  await settled();
}

/** How long after a failure the loop begins again, to the quarter of a second. */
function pauseMs(): number {
  const before = source.turns.length;
  let waitedMs = 0;
  while (source.turns.length === before) {
    clock.pass(250);
    waitedMs += 250;
    if (waitedMs > 600_000) throw new Error('the loop was not begun again');
  }
  return waitedMs;
}

describe('a loop', () => {
  it('begins when the source is started, once', () => {
    expect(supervised.status().state).toBe('idle');
    supervised.start();
    supervised.start();
    expect(source.said).toEqual(['run']);
    expect(supervised.status()).toEqual({
      name: 'disk.seen',
      plugin: 'storage',
      state: 'running',
      events: { 'disk.seen': false },
      failures: 0,
      error: null,
    });
  });

  it('that throws is told of and begun again after a pause', async () => {
    supervised.start();
    const { signal } = source.turn;
    await failOnce();
    expect(supervised.status()).toMatchObject({ state: 'backing-off', failures: 1, error: 'boom' });
    expect(signal.aborted).toBe(true);
    expect(failures).toEqual([
      expect.objectContaining({
        name: 'disk.seen',
        plugin: 'storage',
        error: 'boom',
        restart_in: 1,
      }),
    ]);
    expect(logger.error).toHaveBeenCalledOnce();
    expect(pauseMs()).toBe(1_000);
    expect(supervised.status().state).toBe('running');
    expect(source.turn.signal.aborted).toBe(false);
  });

  it('that throws outright is treated like one that rejects', async () => {
    const throwing = new Scripted();
    throwing.run = () => {
      throw new Error('at once');
    };
    const loop = supervise(throwing);
    loop.start();
    await settled();
    expect(loop.status()).toMatchObject({ state: 'backing-off', error: 'at once' });
    await loop.stop();
  });

  it('pauses twice as long after each failure, up to a minute', async () => {
    supervised.start();
    const pauses: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      await failOnce();
      pauses.push(pauseMs());
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('starts with a short pause again after a minute of running well', async () => {
    supervised.start();
    for (let i = 0; i < 5; i += 1) {
      await failOnce();
      pauseMs();
    }
    clock.pass(60_000);
    await failOnce();
    expect(pauseMs()).toBe(1_000);
    clock.pass(59_000);
    await failOnce();
    expect(pauseMs()).toBe(2_000);
  });

  it('that returns has ended and is not begun again', async () => {
    supervised.start();
    source.turn.end();
    await settled();
    expect(supervised.status().state).toBe('ended');
    expect(clock.pending).toBe(0);
    expect(source.turn.signal.aborted).toBe(false);
    events.interest.add('disk.*');
    await supervised.stop();
    expect(source.said).toEqual(['run', '+disk.seen', '-disk.seen']);
    expect(source.turn.signal.aborted).toBe(true);
  });
});

describe('stopping', () => {
  it('disables, fires the signal and waits for the loop to end', async () => {
    events.interest.add('*');
    supervised.start();
    source.turn.signal.addEventListener('abort', () => source.said.push('abort'));
    const stopping = supervised.stop();
    let isOver = false;
    void stopping.then(() => (isOver = true));
    await settled();
    expect(source.said).toEqual(['run', '+disk.seen', '-disk.seen', 'abort']);
    expect([supervised.status().state, isOver]).toEqual(['stopping', false]);
    source.turn.fail(source.turn.signal.reason);
    await stopping;
    expect(supervised.isStopped).toBe(true);
    expect(logger.error).not.toHaveBeenCalled();
    expect(clock.pending).toBe(0);
  });

  it('waits five seconds for a loop that ignores its signal, and then says so', async () => {
    supervised.start();
    const stopping = supervised.stop();
    await settled();
    clock.pass(4_999);
    await settled();
    expect(supervised.isStopped).toBe(false);
    clock.pass(1);
    await stopping;
    expect(supervised.isStopped).toBe(true);
    expect(logger.warn).toHaveBeenCalledOnce();
    source.turn.fail(new Error('much later'));
    await settled();
    expect(supervised.status()).toMatchObject({ state: 'stopped', failures: 0 });
    expect(source.turns).toHaveLength(1);
  });

  it('takes back a restart that is due', async () => {
    supervised.start();
    await failOnce();
    await supervised.stop();
    clock.pass(120_000);
    expect(source.turns).toHaveLength(1);
  });

  it('may happen before the start, twice, or from within the loop', async () => {
    const asked: Promise<void>[] = [];
    const impatient = new Scripted();
    const own = supervise(impatient);
    impatient.run = (signal) => {
      asked.push(own.stop());
      return new Promise((resolve) => {
        if (signal.aborted) resolve();
      });
    };
    own.start();
    await Promise.all([...asked, own.stop(), supervised.stop(), supervised.stop()]);
    supervised.start();
    expect(source.turns).toHaveLength(0);
    expect(own.isStopped).toBe(true);
  });
});

describe('a source', () => {
  it('is told of subscribers that were there before it, after it began to run', () => {
    events.interest.add('disk.*');
    supervised.setNames(new Set(['disk.seen', 'disk.gone', 'other']));
    expect(source.said).toEqual([]);
    supervised.start();
    expect(source.said).toEqual(['run', '+disk.seen', '+disk.gone']);
    expect(supervised.status().events).toEqual({
      'disk.seen': true,
      'disk.gone': true,
      other: false,
    });
  });

  it('is told of an event that it loses as of one that nobody wants any more', () => {
    events.interest.add('*');
    supervised.start();
    supervised.setNames(new Set(['disk.seen', 'more']));
    supervised.setNames(new Set(['disk.seen']));
    events.interest.remove('*');
    expect(source.said).toEqual(['run', '+disk.seen', '+more', '-more', '-disk.seen']);
  });

  it('may gain events while it is being told of one, and may be stopped then', async () => {
    events.interest.add('*');
    source.enable = (event) => {
      source.said.push(`+${event}`);
      if (event === 'disk.seen') supervised.setNames(new Set(['disk.seen', 'b', 'c']));
      if (event === 'b') void supervised.stop();
    };
    supervised.start();
    source.turn.end();
    await supervised.stop();
    expect(source.said).toEqual(['run', '+disk.seen', '+b', '-disk.seen', '-b']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('whose enable %s is named in the log and goes on', async (_, enable) => {
    source.enable = enable;
    supervised.start();
    events.interest.add('*');
    await settled();
    expect(logger.error).toHaveBeenCalledExactlyOnceWith(
      'Event source disk.seen failed to enable disk.seen',
      expect.anything(),
    );
    expect(supervised.status()).toMatchObject({ state: 'running', events: { 'disk.seen': true } });
  });

  it('never has two loops, whatever becomes of them', async () => {
    supervised.start();
    for (let i = 0; i < 50; i += 1) {
      await failOnce();
      pauseMs();
    }
    const stopping = supervised.stop();
    source.turn.end();
    await stopping;
    expect(source.mostLiving).toBe(1);
    expect(source.living).toBe(0);
  });
});
