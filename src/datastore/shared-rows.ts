import type { RowFeed } from '../cluster/index.js';
import type { CollectionInfo, Datastore } from '../sdk/datastore.js';
import type { WriteStep } from './driver.js';
import type { Definitions } from './definitions.js';
import {
  DEFINITIONS,
  ROW_VERSIONS,
  RowVersions,
  type RowVersionsTiming,
  type VersionRow,
} from './row-versions.js';
import type { RowWatchers } from './row-watchers.js';

export interface SharedParts {
  readonly store: Pick<Datastore, 'requireCollection' | 'query'> & {
    collection(name: string): Promise<CollectionInfo>;
  };
  readonly watchers: RowWatchers;
  readonly definitions: Definitions;
  readonly write: (step: WriteStep) => Promise<unknown>;
  readonly timing?: RowVersionsTiming | undefined;
}

/** Lets the servers that share a store know of each other's writes, by their feed and by rows of the store. */
export async function shareRows(
  { store, watchers, definitions, write, timing }: SharedParts,
  feed: RowFeed & { readonly node: string },
): Promise<RowVersions> {
  await store.requireCollection(ROW_VERSIONS, { key: 'given', timestamps: 'none' });
  const versions = await RowVersions.open({
    ...{ feed, timing },
    node: feed.node,
    definition: await store.collection(ROW_VERSIONS),
    read: () => store.query<VersionRow>(ROW_VERSIONS),
    write: async (step) => {
      await write(step);
    },
    isFollowed: (name) => name === DEFINITIONS || watchers.isFollowed(name),
    apply: async (name, ids) => {
      if (name !== DEFINITIONS) return watchers.tell(name, ids, 'elsewhere');
      await definitions.reload();
      return true;
    },
  });
  await definitions.reload(); // those that came before the versions were read
  watchers.share(versions);
  definitions.share(versions);
  return versions;
}
