import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convert, type WrittenValue } from '../../values/index.js';
import { parseScript, type Value } from '../grammar/index.js';
import { shellLiteral } from './literal.js';

/** What a line says of a value, with nothing in it that has to be worked out. */
function written(value: Value): WrittenValue {
  switch (value.kind) {
    case 'bare':
      return { kind: 'text', text: value.text };
    case 'quoted':
      return { kind: 'quoted', text: value.parts.map(String).join('') };
    case 'list':
      return { kind: 'list', items: value.items.map(written) };
    case 'object':
      return {
        kind: 'object',
        entries: value.entries.map(([name, item]) => [name, written(item)] as const),
      };
    default:
      throw new Error(`${value.kind} has to be worked out`);
  }
}

describe('shellLiteral', () => {
  it('is read back as the same value', () => {
    const key = fc.string().filter((text) => text !== '__proto__');
    const { value: any } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: 'binary' }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(any, (value) => {
        const { statements, problems } = parseScript(`say x=${shellLiteral(value)}`);
        expect(problems).toEqual([]);
        const [statement] = statements;
        const [, word] = statement?.kind === 'sequence' ? statement.first.command.words : [];
        expect(word?.kind).toBe('named');
        if (word?.kind !== 'named') return;
        expect(convert(written(word.value), {}, {})).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });
});
