import mongoose, { type Connection, type mongo } from 'mongoose';
import { messageOf } from '../../../common/index.js';
import type { DriverEvents } from '../../driver.js';
import { type Address, redact } from './address.js';
import type { BsonRow } from './bson-format.js';
import { toException } from './mongo-failure.js';

/** How long a call waits for a server that is away before it fails with EIO. */
export const DEFAULT_WAIT_MS = 10_000;

/** How long a server may take over one answer; an index over a large collection is made in less. */
const STALL_MS = 120_000;

/** The transaction that a change is part of, if it is: an option of each operation. */
export interface Context {
  readonly session?: mongo.ClientSession;
}

/** The connection to the server, and what it turned out to be. */
export class MongoSession {
  private constructor(
    readonly connection: Connection,
    readonly address: Address,
    /** The server's true name and version. */
    readonly product: string,
    /** Several documents can change as one: not on a server that stands alone. */
    readonly hasTransactions: boolean,
  ) {}

  /** @throws DatastoreException that says what is wrong with the address, the server or the login */
  static async open(address: Address, events: DriverEvents, waitMs: number): Promise<MongoSession> {
    try {
      const connection = await connect(address, waitMs);
      watch(connection, address, events);
      const admin = connection.getClient().db('admin');
      const hello = await admin.command({ hello: 1 });
      const product = productName(await admin.command({ buildInfo: 1 }));
      const hasTransactions = 'setName' in hello || hello['msg'] === 'isdbgrid';
      return new MongoSession(connection, address, product, hasTransactions);
    } catch (error) {
      throw toException(error, address, '');
    }
  }

  rows(name: string): mongo.Collection<BsonRow> {
    return this.table<BsonRow>(name);
  }

  /** As {@link rows}, for what the driver itself keeps there. */
  table<Row extends mongo.Document>(name: string): mongo.Collection<Row> {
    // useBigInt64 keeps 64-bit integers apart from numbers; promoteBuffers gives bytes as Buffers
    return this.connection
      .getClient()
      .db(this.address.database, { useBigInt64: true, promoteBuffers: true })
      .collection<Row>(name);
  }

  /** Runs an operation; whatever it throws comes out as a DatastoreException. */
  guard<T>(place: string, operation: () => Promise<T>): Promise<T> {
    return this.within({}, place, operation);
  }

  /** As {@link guard}, but what makes the transaction begin again comes out as it is. */
  async within<T>(context: Context, place: string, operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      if (context.session !== undefined && isTransient(error)) throw error;
      throw toException(error, this.address, place);
    }
  }

  async close(): Promise<void> {
    this.connection.removeAllListeners();
    await this.connection.close();
  }
}

function isTransient(error: unknown): boolean {
  return (
    error instanceof mongoose.mongo.MongoError && error.hasErrorLabel('TransientTransactionError')
  );
}

async function connect({ dsn, database }: Address, waitMs: number): Promise<Connection> {
  const connection = mongoose.createConnection(dsn, {
    dbName: database,
    serverSelectionTimeoutMS: waitMs,
    connectTimeoutMS: waitMs,
    socketTimeoutMS: STALL_MS,
    bufferCommands: false,
    autoCreate: false,
    autoIndex: false,
    // Acknowledged means: on the disks of most members
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
  });
  try {
    return await connection.asPromise();
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw error;
  }
}

function watch(connection: Connection, address: Address, events: DriverEvents): void {
  let state: 'reachable' | 'unreachable' = 'reachable';
  const change = (next: typeof state, cause: string): void => {
    if (state === next) return;
    state = next;
    events.onStateChange(next, `${address.shown}: ${redact(cause, address)}`);
  };
  const client = connection.getClient();
  client.on('serverHeartbeatFailed', ({ failure }) => change('unreachable', messageOf(failure)));
  client.on('serverHeartbeatSucceeded', () => change('reachable', 'the server answers'));
  connection.on('error', (error: unknown) => change('unreachable', messageOf(error)));
}

/** Other products speak MongoDB's protocol and give a version of it; some say who they are. */
function productName(buildInfo: mongo.Document): string {
  const version = String(buildInfo['version'] ?? 'of unknown version');
  if ('ferretdb' in buildInfo) return `FerretDB (speaks MongoDB ${version})`;
  const isDocumentDb = /documentdb/i.test(JSON.stringify(buildInfo));
  return isDocumentDb ? `DocumentDB (speaks MongoDB ${version})` : `MongoDB ${version}`;
}
