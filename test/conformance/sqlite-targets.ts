import { mkdtempSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineName, sqliteDriver } from '../../src/datastore/drivers/sqlite/index.js';
import { DocumentStore } from '../../src/datastore/index.js';
import type { Candidate } from './target.js';

const events = { onStateChange: () => undefined };

export function sqliteTargets(): Candidate[] {
  return [sqliteTarget('libsql'), sqliteTarget('node:sqlite')];
}

function sqliteTarget(engine: EngineName): Candidate {
  const name = `sqlite (${engine})`;
  if (engine === 'node:sqlite' && !isBuiltin('node:sqlite')) {
    return { kind: 'missing', name, reason: `Node.js ${process.versions.node} has no node:sqlite` };
  }
  const folder = mkdtempSync(join(tmpdir(), 'datastore-'));
  const open = sqliteDriver(engine);
  return {
    kind: 'available',
    target: {
      name,
      open: async (options) =>
        new DocumentStore(await open(join(folder, 'store.db'), events), options),
      dispose: () => {
        rmSync(folder, { recursive: true, force: true });
        return Promise.resolve();
      },
    },
  };
}
