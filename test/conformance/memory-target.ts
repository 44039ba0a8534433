import { DocumentStore } from '../../src/datastore/index.js';
import { MemoryDriver, MemoryStore } from '../../src/testing/memory.driver.js';
import type { Candidate } from './target.js';

/** The store for tests of plugin authors: it has to mean what the real ones mean. */
export function memoryTarget(): Candidate {
  const rows = new MemoryStore();
  return {
    kind: 'available',
    target: {
      name: 'memory',
      open: (options) => Promise.resolve(new DocumentStore(new MemoryDriver(rows), options)),
      dispose: () => Promise.resolve(),
    },
  };
}
