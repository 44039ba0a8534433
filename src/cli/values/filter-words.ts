import { UsageError } from '../exit-status.js';
import { anyValue } from './convert.js';
import { momentOf } from './units.js';

/** Longer signs first: `>=` is no `>`. */
const WORD = /^([\w.$-]+?)(==|!=|<=|>=|~=|=|<|>)([^]*)$/;
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ['==', '='],
  ['~=', '~'],
]);
const TIME = /_at$/;

export type FilterTriple = readonly [field: string, operator: string, value: unknown];

/**
 * A filter of a query from words: `state=FAILED`, `id>10`, `name~=^files`, `created_at>-2h`. All of them hold.
 *
 * @throws UsageError for a word that is no comparison
 */
export function readFilter(words: readonly string[]): readonly FilterTriple[] {
  return words.map((word) => {
    const [, field = '', sign = '', text = ''] = WORD.exec(word) ?? [];
    if (field === '') {
      throw new UsageError(
        `${JSON.stringify(word)} is no filter: a property, one of = != < <= > >= ~=, and a value, such as state=FAILED`,
      );
    }
    return [field, OPERATORS.get(sign) ?? sign, valueOf(field, text)];
  });
}

function valueOf(field: string, text: string): unknown {
  const moment = TIME.test(field) ? momentOf(text, new Date()) : null;
  return moment === null ? anyValue(text) : { $date: moment.toISOString() };
}
