import { readExtended, stringifyWithSecrets } from '../common/portable.js';

/**
 * How values look in code. `native`: a Date, a Uint8Array, a bigint, a {@link Password}. `wire`: as
 * they travel, `{"$date": "..."}` and so on, for programs that show and edit JSON.
 */
export type ValueForm = 'native' | 'wire';

/** Text to values and back, in one of the forms. */
export interface ValueCodec {
  /** @throws TypeError or RangeError for a value without a JSON form */
  readonly stringify: (value: unknown) => string;
  /** @throws RpcException EINVAL when the nesting has no end */
  readonly decode: (value: unknown) => unknown;
}

/** Passwords are readable in the text: it goes to the one server that they are meant for. */
export function codecOf(form: ValueForm): ValueCodec {
  return form === 'wire'
    ? { stringify: (value) => JSON.stringify(value), decode: (value) => value }
    : { stringify: stringifyWithSecrets, decode: readExtended };
}
