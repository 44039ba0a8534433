import type { Data, NativeValues, WireValues } from '../wire/index.js';
import type { SchemaArg } from '../wire/builder/index.js';

/** What came from a server, in whichever of the two forms the client's `values` says. */
export type Received<S extends SchemaArg> = Data<S, NativeValues | WireValues>;
