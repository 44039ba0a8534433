import type { COLLECTION_ROW } from '../../../src/wire/index.js';
import type { Shown } from '../../state/shown.js';

export type CollectionRow = Shown<typeof COLLECTION_ROW>;
