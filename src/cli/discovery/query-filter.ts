import { noSuch } from '../no-such.js';
import type { Session } from '../session/index.js';
import { UsageError } from '../exit-status.js';
import {
  type FilterTriple,
  misfitOf,
  readFilter,
  resolve,
  rowProperties,
} from '../values/index.js';
import { definitionsFor, findMethod } from './signature.js';

/**
 * The filter of a query from words, held against what the server says of the rows: a property that there is
 * none of, or a value that it never has, would find nothing and say nothing.
 *
 * @throws UsageError naming the property, and what there is or would fit
 */
export async function queryFilter(
  session: Session,
  method: string,
  words: readonly string[],
): Promise<readonly FilterTriple[]> {
  const filter = readFilter(words);
  if (filter.length === 0) return filter;
  const result = (await findMethod(session, method))?.['result-schema'] ?? null;
  const definitions = await definitionsFor(session, result);
  const properties = rowProperties(result, definitions);
  if (properties === null) return filter;
  for (const [field, operator, value] of filter) {
    const [head = ''] = field.split('.');
    const schema = Object.hasOwn(properties, field) ? properties[field] : null;
    if (schema == null) {
      if (head !== field && Object.hasOwn(properties, head)) continue;
      const known = Object.keys(properties);
      throw await noSuch(
        `There is no property ${field}: there are ${known.join(', ')}`,
        field,
        known,
      );
    }
    if (operator === '~' || value === null) continue;
    const misfit = misfitOf(value, resolve(schema, definitions), definitions);
    if (misfit !== null) throw new UsageError(`${field}: ${misfit.message}`);
  }
  return filter;
}
