import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/datastore/drivers/mongodb/address.js';
import { MongoSession } from '../../src/datastore/drivers/mongodb/mongo-session.js';
import { Terms } from '../../src/datastore/drivers/mongodb/terms.js';
import { StoreTakenException } from '../../src/datastore/driver.js';
import { mongodbAddress, type TestDatabase } from '../conformance/mongodb-target.js';

/** Far below what MongoDB lets a transaction live (60 s), far above what a change takes. */
const AT_ONCE_MS = 10_000;

interface Server {
  readonly session: MongoSession;
  readonly terms: Terms;
}

describe.skipIf(mongodbAddress('guard') === null)(
  'a guarded change on MongoDB (needs MONGODB_URI)',
  () => {
    let database: TestDatabase;
    const servers: Server[] = [];
    const server = async (): Promise<Server> => {
      const session = await MongoSession.open(
        parseAddress(database.dsn),
        { onStateChange: () => undefined },
        5_000,
      );
      const made = { session, terms: new Terms(session) };
      servers.push(made);
      return made;
    };
    /** Inserts two rows under the guard; `between` comes between them. */
    const insert = (
      { session, terms }: Server,
      { term, id, between }: { term: number; id: string; between?: () => Promise<void> },
    ) =>
      terms.change({ term }, async (context) => {
        const rows = session.table<{ _id: string }>('rows');
        await rows.insertOne({ _id: id }, context);
        await between?.();
        await rows.insertOne({ _id: `${id} too` }, context);
      });
    const rows = async ({ session }: Server): Promise<string[]> =>
      (await session.table<{ _id: string }>('rows').find().toArray()).map(({ _id }) => _id);

    beforeEach(async () => {
      database = mongodbAddress('guard')!;
      const { session, terms } = await server();
      await session.table('rows').insertOne({ _id: 'first' as never });
      expect(await terms.raise(0)).toBe(true);
    });
    afterEach(async () => {
      await Promise.all(servers.splice(0).map(({ session }) => session.close()));
      await database.drop();
    });

    it(
      'that a stopped server left open does not hold up its successor, and is not made when it goes on',
      async () => {
        const [stopped] = servers;
        const successor = await server();
        let goOn = (): void => undefined;
        const stop = new Promise<void>((resolve) => (goOn = resolve));
        let change: Promise<void> = Promise.resolve();
        await new Promise<void>((isOpen) => {
          const between = (): Promise<void> => {
            isOpen();
            return stop;
          };
          change = insert(stopped!, { term: 1, id: 'late', between });
          change.catch(() => undefined);
        });
        expect(await successor.terms.raise(1)).toBe(true);
        await insert(successor, { term: 2, id: 'next' });
        goOn();
        await expect(change).rejects.toBeInstanceOf(StoreTakenException);
        await expect(insert(stopped!, { term: 1, id: 'later' })).rejects.toBeInstanceOf(
          StoreTakenException,
        );
        expect(await rows(successor)).toEqual(['first', 'next', 'next too']);
      },
      AT_ONCE_MS,
    );
  },
);
