import { h } from './builder/index.js';
import type { Data } from './data.js';

/** A collection, as `datastore.list_collections` shows it. */
export const COLLECTION_ROW = h.object({
  name: h.string(),
  key: h.string({ description: 'What its rows are named by' }),
  rows: h.nullable(h.integer({ description: 'How many; null where another method shows them' })),
  shown_by: h.nullable(
    h.string({ description: 'The method that shows its rows, where this service does not' }),
  ),
  unique: h.array(h.array(String)),
  indexes: h.array(h.array(String)),
});
export type CollectionRow = Data<typeof COLLECTION_ROW>;

/** Some rows of a collection, and how many pass the filter. */
export const BROWSED = h.object({
  total: h.integer(),
  rows: h.array(h.record(h.any()), {
    description: 'Long values are cut: datastore.browse_row has a row as a whole',
  }),
});
export type Browsed = Data<typeof BROWSED>;
