import type { SchemaArg } from '../../src/wire/builder/index.js';
import type { Data, WireValues } from '../../src/wire/index.js';
import type { Json } from '../forms/index.js';

/** What came from the server by one of its schemas: all of it JSON, dates as they travel. */
export type Shown<S extends SchemaArg> = Data<S, WireValues & { readonly open: Json }>;
