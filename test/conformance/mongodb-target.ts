import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { mongodbDriver } from '../../src/datastore/drivers/mongodb/index.js';
import { DocumentStore } from '../../src/datastore/index.js';
import type { Candidate } from './target.js';

const events = { onStateChange: () => undefined };

/** A database of its own on the server of MONGODB_URI; see docs/datastore.md for where that comes from. */
export function mongodbTarget(): Candidate {
  const uri = process.env['MONGODB_URI'];
  if (uri === undefined || uri === '') {
    return { kind: 'missing', name: 'mongodb', reason: 'MONGODB_URI names no server' };
  }
  const dsn = withDatabase(uri, `conformance_${randomBytes(4).toString('hex')}`);
  return {
    kind: 'available',
    target: {
      name: 'mongodb',
      open: async (options) => new DocumentStore(await mongodbDriver()(dsn, events), options),
      dispose: async () => {
        const connection = await mongoose.createConnection(dsn).asPromise();
        await connection.dropDatabase();
        await connection.close();
      },
    },
  };
}

/** The address with another database. */
export function withDatabase(uri: string, name: string): string {
  const address = new URL(uri);
  address.pathname = `/${name}`;
  return address.href;
}
