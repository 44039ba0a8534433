import { afterAll, describe, expect, it } from 'vitest';
import { describeCollections } from './collections.suite.js';
import { describeConfigStore } from './config-store.suite.js';
import { describeDocuments } from './documents.suite.js';
import { describeGuards } from './guards.suite.js';
import { describeLargeRows } from './large-rows.suite.js';
import { describePasswords } from './passwords.suite.js';
import { describeQueries } from './queries.suite.js';
import { memoryTarget } from './memory-target.js';
import { mongodbTarget } from './mongodb-target.js';
import { sqliteTargets } from './sqlite-targets.js';
import type { Candidate } from './target.js';

// What the port promises, asked of every store it can be backed by.
const candidates: readonly Candidate[] = [...sqliteTargets(), mongodbTarget(), memoryTarget()];

for (const candidate of candidates) {
  if (candidate.kind === 'missing') {
    it.skip(`${candidate.name} conforms (skipped: ${candidate.reason})`, () => undefined);
    continue;
  }
  const { target } = candidate;
  describe(target.name, () => {
    afterAll(() => target.dispose());
    it('says what it is', async () => {
      const store = await target.open();
      console.log(`conformance target: ${store.description}`);
      expect(store.description).not.toBe('');
      await store.close();
    });
    describeDocuments(target);
    describeCollections(target);
    describeQueries(target);
    describeLargeRows(target);
    describeConfigStore(target);
    describeGuards(target);
    describePasswords(target);
  });
}
