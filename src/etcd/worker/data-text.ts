import { decodeExtended, isRecord, Password, stringifyWithSecrets } from '../../common/index.js';
import { isSecret, Secret } from '../sdk/index.js';

/** Stands for a password that stays where it is. */
const REFERENCE = '$etcd_secret';

/** Gives a password the number that it is asked for by. */
export type Refer = (secret: Password) => number;

/** Values as they go to the process that renders: dates, bytes and big integers kept, passwords as numbers. */
export function toDataText(value: unknown, refer: Refer): string {
  return stringifyWithSecrets(
    mapped(value, (one) => (one instanceof Password ? { [REFERENCE]: refer(one) } : undefined)) ??
      null,
  );
}

/** The other way: dates and bytes as they were, passwords closed. */
export function fromDataText(text: string): unknown {
  return mapped(decodeExtended(JSON.parse(text)), (one) => {
    if (!isRecord(one) || !Object.hasOwn(one, REFERENCE)) return undefined;
    return new Secret(Number(one[REFERENCE]));
  });
}

/** What a renderer asks with; a closed password in it is an error. */
export function requestText(request: unknown): string {
  return stringifyWithSecrets(
    mapped(request, (one) => (isSecret(one) ? { [REFERENCE]: one.reference } : undefined)),
  );
}

/** A copy of plain data in which `replace` has its way with each value that it answers for. */
function mapped(value: unknown, replace: (value: unknown) => unknown): unknown {
  const replaced = replace(value);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(value)) return value.map((item) => mapped(item, replace));
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapped(item, replace)]),
  );
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isRecord(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
