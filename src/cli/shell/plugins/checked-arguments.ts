import { decodeExtended, Errno, RpcException } from '../../../common/index.js';
import { SchemaRegistry } from '../../../schema/index.js';
import type { PluginCallableCode } from './loaded-plugin.js';

/**
 * Arguments as a server checks them: defaults filled in, times as times, passwords closed. The build leaves this
 * file by itself, beside what plugins import as `dispatcher`.
 *
 * @throws RpcException EINVAL naming what does not fit
 */
export function checkedArguments(
  args: readonly unknown[],
  { accepts, signature, least }: Pick<PluginCallableCode, 'accepts' | 'signature' | 'least'>,
): unknown[] {
  const items = signature.items ?? [];
  const checked = decodeExtended(structuredClone(args)) as unknown[];
  for (const item of items.slice(checked.length, least)) {
    // of an object that was given nothing its defaults are left
    if (!isObjectSchema(item)) break;
    checked.push({});
  }
  const problems = new SchemaRegistry().compileArguments(accepts).validate(checked);
  if (problems !== null) throw new RpcException(Errno.EINVAL, 'Invalid arguments', problems);
  while (checked.length < items.length) checked.push(undefined);
  return checked;
}

const isObjectSchema = (schema: unknown): boolean =>
  (schema as { readonly type?: unknown } | null)?.type === 'object';
