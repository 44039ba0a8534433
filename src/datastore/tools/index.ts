/** What operators do with a whole store: dump it, restore it, migrate its rows. */
export { dump } from './dump.js';
export { loadMigrations, migrate } from './migrate.js';
export { restore } from './restore.js';
