import type { Password } from '../common/portable.js';
import type { Infer, SchemaArg } from './builder/index.js';

/** What stands in code for what JSON has no word for, and for what a schema leaves open. */
interface ValueTypes {
  readonly open: unknown;
  readonly datetime: unknown;
  readonly binary: unknown;
  readonly password: unknown;
  readonly long: unknown;
}

/** In the server, and in a client with `values: 'native'`. */
export interface NativeValues extends ValueTypes {
  readonly datetime: Date;
  readonly binary: Uint8Array;
  readonly password: Password;
  readonly long: bigint;
}

/** As they travel, and in a client with `values: 'wire'`. */
export interface WireValues extends ValueTypes {
  readonly datetime: { readonly $date: string };
  readonly binary: { readonly $binary: string };
  readonly password: { readonly $password: string } | string;
  readonly long: { readonly $long: string } | number;
}

/**
 * What a schema admits, as those who read it have it: nothing of it can be written to, and where the
 * schema leaves open what comes, the type says so. `Infer` is for those who make it.
 *
 * @example
 * type TaskRow = Data<typeof TASK_ROW>; // { readonly id: number; readonly created_at: Date; ... }
 */
export type Data<S extends SchemaArg, Values extends ValueTypes = NativeValues> = Read<
  Infer<S>,
  Values
>;

type Read<T, Values extends ValueTypes> = 0 extends 1 & T // only `any` passes this test
  ? Values['open']
  : T extends Date
    ? Values['datetime']
    : T extends Uint8Array
      ? Values['binary']
      : T extends Password
        ? Values['password']
        : T extends bigint
          ? Values['long']
          : T extends readonly (infer Item)[]
            ? readonly Read<Item, Values>[]
            : T extends object
              ? { readonly [K in keyof T]: Read<T[K], Values> }
              : T;
