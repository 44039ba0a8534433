import { describe, expect, it, onTestFinished } from 'vitest';
import { Errno, RpcException } from '../common/index.js';
import type { Datastore } from '../sdk/index.js';
import type { SubmitRequest } from '../tasks/index.js';
import { memoryDatastore, RecordingLogger, VirtualClock } from '../testing/index.js';
import { ScheduleRunner } from './schedule-runner.js';
import { ScheduleStore } from './schedule-store.js';
import type { StoredSchedule } from './stored-schedule.js';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

/** What outlives the server: its store, the tasks that there are, and the time. */
class World {
  readonly datastore: Datastore = memoryDatastore();
  readonly clock = new VirtualClock();
  /** Ids by key, as the engine keeps them. */
  readonly keys = new Map<string, number>();
  readonly submitted: string[] = [];
  readonly events: [string, Record<string, unknown>][] = [];
  readonly ends = new Map<number, (state: string) => void>();
  wall = Date.UTC(2026, 0, 1, 0, 30);
  hasOwner = true;
  refusal: Error | null = null;
  /** Called after a task was made and before anybody knows. */
  crash: () => void = () => undefined;

  now = (): Date => new Date(this.wall + this.clock.nowMs());

  async server(): Promise<{ runner: ScheduleRunner; store: ScheduleStore }> {
    const store = new ScheduleStore(this.datastore);
    await store.open();
    const runner = new ScheduleRunner({
      ...{ store, clock: this.clock, now: this.now, logger: new RecordingLogger() },
      tasks: { submit: (request) => this.#submit(request), wait: (id) => this.#wait(id) },
      senderOf: ({ owner }) =>
        this.hasOwner
          ? { kind: 'user', user: owner, roles: ['operator'], address: 'schedule', sessionId: null }
          : null,
      publish: (name, args) => this.events.push([name, args]),
    });
    onTestFinished(() => runner.stop());
    return { runner, store };
  }

  missed(): unknown[] {
    return this.events
      .filter(([name]) => name === 'schedule.missed')
      .map(([, { reason }]) => reason);
  }

  async #submit({ environment }: SubmitRequest): Promise<number> {
    if (this.refusal !== null) throw this.refusal;
    const key = String(environment?.['idempotencyKey']);
    const present = this.keys.get(key);
    if (present !== undefined) return present;
    this.keys.set(key, this.keys.size + 1);
    this.submitted.push(key.replace(/^schedule:1:/, ''));
    await Promise.resolve();
    this.crash();
    return this.keys.size;
  }

  #wait(id: number): Promise<{ state: string }> {
    return new Promise((resolve) => this.ends.set(id, (state) => resolve({ state })));
  }
}

const HOURLY: Omit<StoredSchedule, 'id'> = {
  ...{ name: 'hourly', owner: 'olga', enabled: true, cron: '0 * * * *', timezone: 'UTC' },
  ...{ task: 'files.backup', args: [], environment: {}, catch_up: 'none', jitter_s: 0 },
  ...{ overlap: 'skip', last: null, next_at: new Date(Date.UTC(2026, 0, 1, 1)) },
  ...{ firing: null, queued: null },
};

async function running(world: World, more: Partial<StoredSchedule> = {}) {
  const server = await world.server();
  await server.store.insert({ ...HOURLY, ...more });
  await server.runner.start();
  return server;
}

const due = (...hours: number[]): string[] =>
  hours.map((hour) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString());

async function end(world: World, id: number): Promise<void> {
  world.ends.get(id)?.('FINISHED');
  await world.clock.advance(0);
}

describe('schedules', () => {
  it('submit their task when it is due, once for each time', async () => {
    const world = new World();
    const { store } = await running(world);
    for (let hour = 1; hour <= 5; hour += 1) {
      await world.clock.advance(HOUR_MS);
      await end(world, hour);
    }
    expect(world.submitted).toEqual(due(1, 2, 3, 4, 5));
    expect(store.get(1)).toMatchObject({ last: { task_id: 5, state: 'FINISHED', error: null } });
  });

  it.each(['once', 'none'] as const)(
    'that a crash interrupted have that time done, once (catch_up %s)',
    async (catch_up) => {
      const world = new World();
      const first = await running(world, { catch_up });
      world.crash = () => {
        throw new RpcException(Errno.EIO, 'the server has died');
      };
      await world.clock.advance(HOUR_MS / 2);
      await first.runner.stop();
      world.crash = () => undefined;
      await world.clock.advance(60_000);
      const second = await world.server();
      await second.runner.start();
      expect(world.submitted).toEqual(due(1));
      expect(second.store.get(1)).toMatchObject({ firing: null, last: { task_id: 1 } });
      expect(world.missed()).toEqual([]);
    },
  );

  it.each([
    ['once', due(1), []],
    ['none', [], ['down']],
  ] as const)('that were missed: catch_up %s', async (catch_up, submitted, missed) => {
    const world = new World();
    const first = await running(world, { catch_up });
    await first.runner.stop();
    await world.clock.advance(5 * HOUR_MS);
    const second = await world.server();
    await second.runner.start();
    expect(world.submitted).toEqual(submitted);
    expect(world.missed()).toEqual(missed);
    await end(world, 1);
    await world.clock.advance(HOUR_MS);
    expect(world.submitted).toEqual([...submitted, ...due(6)]);
  });

  it('are missed, too, when the clock jumps over their time', async () => {
    const world = new World();
    await running(world);
    await world.clock.advance(60_000);
    world.wall += 3 * HOUR_MS;
    await world.clock.advance(60_000);
    expect(world.missed()).toEqual(['down']);
    await world.clock.advance(HOUR_MS / 2);
    expect(world.submitted).toEqual(due(4));
  });

  it('go on from where a clock is set back to, and do no time twice', async () => {
    const world = new World();
    const { store } = await running(world);
    await world.clock.advance(HOUR_MS);
    await end(world, 1);
    world.wall -= YEAR_MS;
    await world.clock.advance(60_000);
    expect(store.get(1)?.next_at?.getUTCFullYear()).toBe(2025);
    await world.clock.advance(HOUR_MS);
    await end(world, 2);
    world.wall += YEAR_MS - 2 * HOUR_MS; // the time that it ran at comes again
    await world.clock.advance(3 * HOUR_MS);
    expect(new Set(world.submitted).size).toBe(world.submitted.length);
    expect(world.submitted.filter((at) => at === due(1)[0])).toHaveLength(1);
  });

  it('skip a time at which the last run still goes on, or let it wait', async () => {
    const [skip, queue] = [new World(), new World()];
    await running(skip);
    await running(queue, { overlap: 'queue' });
    for (const world of [skip, queue]) await world.clock.advance(3 * HOUR_MS);
    expect([skip.submitted, skip.missed()]).toEqual([due(1), ['overlap', 'overlap']]);
    expect([queue.submitted, queue.missed()]).toEqual([due(1), ['overlap']]);
    for (const world of [skip, queue]) await end(world, 1);
    expect(skip.submitted).toEqual(due(1));
    expect(queue.submitted).toEqual(due(1, 2));
  });

  it('say why there is no task: the owner is gone, or has no right any more', async () => {
    const world = new World();
    const { store } = await running(world);
    world.hasOwner = false;
    await world.clock.advance(HOUR_MS);
    expect(store.get(1)?.last).toMatchObject({
      ...{ task_id: null, state: 'FAILED', error: expect.stringContaining('User olga') as string },
    });
    world.hasOwner = true;
    world.refusal = new RpcException(Errno.EACCES, 'Insufficient privileges');
    await world.clock.advance(HOUR_MS);
    expect(store.get(1)?.last).toMatchObject({ task_id: null, error: 'Insufficient privileges' });
    world.refusal = null;
    await world.clock.advance(HOUR_MS);
    expect(world.submitted).toEqual(due(3));
  });

  it('wait for a store that is away, and forget nothing', async () => {
    const world = new World();
    await running(world);
    world.refusal = new RpcException(Errno.EIO, 'no store');
    await world.clock.advance(HOUR_MS / 2 + 300_000);
    expect(world.submitted).toEqual([]);
    world.refusal = null;
    await world.clock.advance(30_000);
    expect(world.submitted).toEqual(due(1));
  });

  it('begin late by their jitter, by the same each time that it is asked', async () => {
    const world = new World();
    await running(world, { jitter_s: 1_200 });
    await world.clock.advance(HOUR_MS / 2 + 1_200_000);
    expect(world.submitted).toEqual(due(1));
  });
});
