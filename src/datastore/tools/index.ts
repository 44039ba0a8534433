/** What operators do with a whole store: dump it, restore it, migrate its rows. */
export { dump } from './dump.js';
export { loadMigrations, migrate, type Migration, type MigrationReport } from './migrate.js';
export { restore, type RestoreOptions } from './restore.js';
