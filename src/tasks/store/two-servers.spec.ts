import { expect, it } from 'vitest';
import { DocumentStore, StoreTakenException } from '../../datastore/index.js';
import { RecordingLogger, VirtualClock } from '../../testing/index.js';
import { MemoryDriver, MemoryStore } from '../../testing/memory.driver.js';
import type { StoredTask } from '../row/task-row.js';
import { DatastoreTaskStore, TASKS } from './datastore-task-store.js';

/** Fails once, as a store that goes away: nobody knows whether the row was written. */
class LossyDriver extends MemoryDriver {
  isAway = false;

  override write(...given: Parameters<MemoryDriver['write']>): ReturnType<MemoryDriver['write']> {
    return this.isAway ? Promise.reject(new Error('away')) : super.write(...given);
  }
}

it('F1: a taskStore whose server was followed takes back no row of its follower', async () => {
  const rows = new MemoryStore();
  const clock = new VirtualClock();
  const driver = new LossyDriver(rows);
  const store = new DocumentStore(driver);
  await store.term.begin(null, () => undefined);
  const taskStore = await DatastoreTaskStore.open({
    store,
    clock,
    logger: new RecordingLogger(),
    onFailure: () => undefined,
  });
  driver.isAway = true;
  const id = taskStore.nextId();
  await expect(taskStore.create({ id } as StoredTask)).rejects.toThrow('away');

  const follower = new DocumentStore(new MemoryDriver(rows));
  await follower.term.begin(null, () => undefined);
  await follower.write([{ kind: 'insert', collection: TASKS, document: { id, name: 'theirs' } }]);
  driver.isAway = false;
  let refusal: unknown = null;
  const { write } = driver;
  driver.write = (...given) =>
    write.apply(driver, given).catch((error: unknown) => {
      refusal = error;
      throw error;
    });
  await expect
    .poll(async () => {
      await clock.advance(1_000);
      return refusal;
    })
    .toBeInstanceOf(StoreTakenException);
  expect(await follower.getById(TASKS, id)).toMatchObject({ name: 'theirs' });
});
