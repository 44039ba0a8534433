import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { mongodbDriver } from '../../src/datastore/drivers/mongodb/index.js';
import { DocumentStore } from '../../src/datastore/index.js';
import type { Candidate } from './target.js';

const events = { onStateChange: () => undefined };

/** A database of a test's own, and how to be rid of it. */
export interface TestDatabase {
  readonly dsn: string;
  drop(): Promise<void>;
}

/** On the server of MONGODB_URI; null when there is none. docs/datastore.md says where it comes from. */
export function mongodbAddress(purpose: string): TestDatabase | null {
  const uri = process.env['MONGODB_URI'];
  if (uri === undefined || uri === '') return null;
  const address = new URL(uri);
  address.pathname = `/${purpose}_${randomBytes(4).toString('hex')}`;
  const dsn = address.href;
  return {
    dsn,
    drop: async () => {
      const options = { socketTimeoutMS: 5_000, maxPoolSize: 1 };
      const connection = await mongoose.createConnection(dsn, options).asPromise();
      // The transaction of a client that was killed may hold a collection until the server ends it
      await connection.dropDatabase().catch(() => undefined);
      await connection.close(true);
    },
  };
}

export function mongodbTarget(): Candidate {
  const database = mongodbAddress('conformance');
  if (database === null) {
    return {
      kind: 'missing',
      name: 'mongodb',
      reason: process.env['MONGODB_MISSING'] ?? 'no server',
    };
  }
  const { dsn, drop } = database;
  return {
    kind: 'available',
    target: {
      name: 'mongodb',
      open: async (options) => new DocumentStore(await mongodbDriver()(dsn, events), options),
      dispose: drop,
    },
  };
}

/**
 * Whether the server tells that a transaction is gone with its connection. One that only speaks the protocol may
 * say of every commit that it was done: what was cut off in the middle is then lost though it was acknowledged.
 */
export async function tellsLostCommits(dsn: string): Promise<boolean> {
  const connection = await mongoose.createConnection(dsn, { maxPoolSize: 1 }).asPromise();
  try {
    const session = connection.getClient().startSession();
    const lsid = session.id;
    await connection
      .getClient()
      .db('admin')
      .command({
        commitTransaction: 1,
        ...{ lsid, txnNumber: mongoose.mongo.Long.fromNumber(1), autocommit: false },
      });
    return false;
  } catch {
    return true;
  } finally {
    await connection.close(true);
  }
}
