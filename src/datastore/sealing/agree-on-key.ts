import { Errno } from '../../common/index.js';
import { type Datastore, DatastoreException } from '../../sdk/datastore.js';
import type { SecretBox } from './secret-box.js';

const COLLECTION = 'cluster_key';
const ID = 'digest';
/** What is digested: any text would do, as long as all versions take the same. */
const WORD = 'the key of a cluster';

interface KeyRow {
  readonly id: string;
  readonly digest: string;
}

/**
 * Makes sure that all who share a store seal passwords with one key. The first one leaves a digest of
 * its key, which tells nothing of the key.
 *
 * @throws (rejects with) Error naming the file when the store was sealed with another key
 */
export async function agreeOnKey(store: Datastore, box: SecretBox, file: string): Promise<void> {
  await store.requireCollection(COLLECTION, { key: 'given' });
  const digest = box.digest(WORD);
  const known = (await digestIn(store)) ?? (await leave(store, digest));
  if (known === digest) return;
  throw new Error(
    `${file} is not the key that the other nodes of this store have: copy theirs (dispatcher.cluster.key)`,
  );
}

async function digestIn(store: Datastore): Promise<string | null> {
  return (await store.getById<KeyRow>(COLLECTION, ID))?.digest ?? null;
}

/** The digest that is there afterwards: of two nodes that start together one is the first. */
async function leave(store: Datastore, digest: string): Promise<string | null> {
  try {
    await store.insert(COLLECTION, { id: ID, digest });
    return digest;
  } catch (error) {
    if (!(error instanceof DatastoreException && error.code === Errno.EEXIST)) throw error;
    return digestIn(store);
  }
}
