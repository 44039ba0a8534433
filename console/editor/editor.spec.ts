import { describe, expect, it } from 'vitest';
import { type Schema, SchemaIndex } from '../forms/index.js';
import { marksOf } from './marks.js';
import { suggestionsAt } from './suggestions.js';

const INDEX = new SchemaIndex(
  new Map<string, Schema>([
    [
      'Share',
      {
        type: 'object',
        properties: {
          name: { type: 'string', description: 'How it is called' },
          protocol: { enum: ['nfs', 'smb'] },
          isReadOnly: { type: 'boolean' },
          id: { type: 'integer', readOnly: true },
          nested: { $ref: '#/definitions/Share' },
        },
        required: ['name'],
      },
    ],
  ]),
);
const ARGUMENTS: Schema = {
  type: 'array',
  items: [{ $ref: '#/definitions/Share' }, { anyOf: [{ const: 'now' }, { type: 'boolean' }] }],
  additionalItems: false,
};

/** What is offered where the bar stands. */
function offered(text: string): string[] {
  const position = text.indexOf('|');
  const plain = text.replace('|', '');
  const { list } = suggestionsAt(plain, position, { schema: ARGUMENTS, index: INDEX });
  return list.map((suggestion) => suggestion.text);
}

describe('what is offered while JSON is written', () => {
  it('are the names that the object has not yet, without those that nobody may set', () => {
    expect(offered('[{"name": "a", "|')).toEqual(['"protocol": ', '"isReadOnly": ', '"nested": ']);
    expect(offered('[{"nested": {|')).toContain('"name": ');
    expect(offered('[{"na|": 1}]')).toContain('"name"');
  });

  it('are the values of the place: enumerations, constants, true and false, and what opens a value', () => {
    expect(offered('[{"protocol": |')).toEqual(['"nfs"', '"smb"']);
    expect(offered('[{"nested": {"protocol": "n|"}}]')).toEqual(['"nfs"', '"smb"']);
    expect(offered('[{}, |]')).toEqual(['"now"', 'true', 'false']);
    expect(offered('[|]')).toEqual(['{}']);
    expect(offered('[{}, true, |]')).toEqual([]);
  });

  it('takes the place of the whole word that is being written', () => {
    const at = (text: string, position: number) => {
      const { from, to } = suggestionsAt(text, position, { schema: ARGUMENTS, index: INDEX });
      return text.slice(from, to);
    };
    expect(at('[{"protocol": "nfs"}]', 16)).toBe('"nfs"');
    expect(at('[{}, tr]', 7)).toBe('tr');
    expect(at('[{pro', 5)).toBe('pro');
  });
});

describe('marks in JSON', () => {
  const marked = (text: string, ...path: (string | number)[]): string[] =>
    marksOf(text, [{ path, message: 'is wrong' }]).map(({ from, to }) => text.slice(from, to));

  it('stand at the value, with its name, and where there is none, at what should have it', () => {
    expect(marked('[{"a": 1, "b": "x"}]', '0', 'b')).toEqual(['"b": "x"']);
    expect(marked('[1, [2, 3]]', 1, 0)).toEqual(['2']);
    expect(marked('[{"a": {"b": 1}}]', 0, 'a', 'missing')).toEqual(['"a": {']);
    expect(marked('[]', 3)).toEqual(['[']);
  });

  it('stand at what is no JSON alone, while there is such', () => {
    const [mark, ...others] = marksOf('[1,, 2]', [{ path: [0], message: 'is wrong' }]);
    expect(mark).toEqual({ from: 3, to: 4, message: 'This is no JSON' });
    expect(others).toEqual([]);
    expect(marksOf('', [])).toMatchObject([{ from: 0, to: 0 }]);
  });
});
