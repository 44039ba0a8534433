import { describe, expect, it } from 'vitest';
import { memoryDatastore } from '../../testing/index.js';
import { agreeOnKey } from './agree-on-key.js';
import { SecretBox } from './secret-box.js';

const REFUSED =
  '/etc/b.key is not the key that the other nodes of this store have: copy theirs (dispatcher.cluster.key)';

describe('The nodes of a cluster', () => {
  it('share a store with one key, and not with another', async () => {
    const store = memoryDatastore();
    const box = SecretBox.ephemeral();
    await agreeOnKey(store, box, '/etc/a.key');
    await agreeOnKey(store, box, '/etc/a.key');
    await expect(agreeOnKey(store, SecretBox.ephemeral(), '/etc/b.key')).rejects.toThrow(REFUSED);
  });

  it('agree although they start together', async () => {
    const store = memoryDatastore();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 4 }, () => agreeOnKey(store, SecretBox.ephemeral(), '/etc/b.key')),
    );
    const refusals = outcomes.filter(({ status }) => status === 'rejected');
    expect(refusals.map((outcome) => (outcome as PromiseRejectedResult).reason as Error)).toEqual(
      Array.from({ length: 3 }, () => new Error(REFUSED)),
    );
  });
});
