import { expect, it } from 'vitest';
import { DocumentStore } from '../../datastore/index.js';
import { RecordingLogger, VirtualClock } from '../../testing/index.js';
import { MemoryDriver, MemoryStore } from '../../testing/memory.driver.js';
import type { StoredTask } from '../row/task-row.js';
import { DatastoreTaskStore, TASKS } from './datastore-task-store.js';

const row = (id: number): StoredTask => ({ id, state: 'WAITING' }) as StoredTask;

/** Two nodes on one store; `lead` gives one of them the next term and a store of tasks under it. */
function cluster() {
  const rows = new MemoryStore();
  const store = new DocumentStore(new MemoryDriver(rows));
  let term = 0;
  const lead = async (): Promise<{ readonly tasks: DatastoreTaskStore; isOver: boolean }> => {
    await new MemoryDriver(rows).raiseTerm(term);
    term += 1;
    const led = { tasks: null as unknown as DatastoreTaskStore, isOver: false };
    led.tasks = await DatastoreTaskStore.open({
      ...{ store, clock: new VirtualClock(), logger: new RecordingLogger() },
      onFailure: () => undefined,
      term: { guard: { term }, onOver: () => (led.isOver = true) },
    });
    return led;
  };
  return { store, lead };
}

it('a leader whose term is over writes nothing more, and its submits are told to go elsewhere', async () => {
  const { store, lead } = cluster();
  const former = await lead();
  await former.tasks.create(row(former.tasks.nextId()));
  const present = await lead();
  let isSaved = false;
  void former.tasks.save(row(1)).then(() => (isSaved = true));
  const refused = former.tasks.create(row(former.tasks.nextId()));
  await expect(refused).rejects.toMatchObject({ code: 16 });
  expect(former.isOver).toBe(true);
  expect(isSaved).toBe(false);
  await expect(former.tasks.create(row(3))).rejects.toMatchObject({ code: 16 });
  await former.tasks.close();

  expect(present.tasks.nextId()).toBe(2);
  await present.tasks.create({ ...row(2), name: 'theirs' });
  expect(await store.query(TASKS, null, { select: ['id', 'name'] })).toEqual([
    [1, null],
    [2, 'theirs'],
  ]);
});
