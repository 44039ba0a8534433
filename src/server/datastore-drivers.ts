import type { DriverRegistry, LeaseRegistry } from '../datastore/index.js';

/**
 * The stores this server can keep its data in, by the name the configuration uses. Part of the
 * composition root, shared by the server and the command-line tools; a driver and what it depends on
 * is loaded when it is opened, not before.
 */
export const DATASTORE_DRIVERS: DriverRegistry = new Map([
  [
    'sqlite',
    async (dsn, events) => {
      const { sqliteDriver } = await import('../datastore/drivers/sqlite/index.js');
      return sqliteDriver()(dsn, events);
    },
  ],
  [
    'mongodb',
    async (dsn, events) => {
      const { mongodbDriver } = await import('../datastore/drivers/mongodb/index.js');
      return mongodbDriver()(dsn, events);
    },
  ],
]);

/** How each of them is held by one server alone. */
export const DATASTORE_LEASES: LeaseRegistry = new Map([
  [
    'sqlite',
    async (dsn, request) => {
      const { sqliteLease } = await import('../datastore/drivers/sqlite/index.js');
      return sqliteLease()(dsn, request);
    },
  ],
  [
    'mongodb',
    async (dsn, request) => {
      const { mongodbLease } = await import('../datastore/drivers/mongodb/index.js');
      return mongodbLease()(dsn, request);
    },
  ],
]);
