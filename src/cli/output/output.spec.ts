import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { renderCsv } from './csv.js';
import { printable, printableLines } from './printable.js';
import { type Format, render } from './render.js';
import { selectFields } from './select.js';
import { renderRecord, renderTable } from './table.js';
import { wrapped } from './wrap.js';

// eslint-disable-next-line no-control-regex -- that is the point
const ACTING = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
const anyText = fc.string({ unit: 'binary' });
const cell = fc.oneof(
  anyText,
  fc.string({ unit: 'grapheme' }),
  fc.integer(),
  fc.constant(null),
  fc.boolean(),
  fc.array(anyText),
);
const rows = fc.array(
  fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 8 }), cell, { maxKeys: 6 }),
  { minLength: 1, maxLength: 6 },
);

describe('what a terminal is sent', () => {
  it('has nothing in it that acts on it, whatever the form and the values', async () => {
    const forms: readonly Format[] = ['table', 'yaml', 'json', 'ndjson', 'text', 'csv'];
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom(...forms), async (value, format) => {
        const text = await render(value, { format, width: 80 });
        expect(text.replaceAll('\r\n', '\n')).not.toMatch(
          format === 'yaml' || format === 'csv' ? withoutTab : ACTING,
        );
      }),
    );
  });

  // eslint-disable-next-line no-control-regex -- that is the point
  const withoutTab = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

  it.each<Format>(['csv', 'table'])(
    'shows of a row only what it has itself, as %s',
    async (format) => {
      const text = await render([{ valueOf: 1 }, {}], { format, width: 80 });
      expect(text.toLowerCase()).toMatch(/^valueof\r?\n *1\r?\n\r?\n$/);
    },
  );

  it('is text as it was where nothing acts', () => {
    expect(printable('ä 日本 👨‍👩‍👧')).toBe('ä 日本 👨‍👩‍👧');
    expect(printable('a\x1b]0;x\x07\nb')).toBe('a\\x1b]0;x\\x07\\x0ab');
    expect(printableLines('a\n\tb\r\x9b')).toBe('a\n\tb\\x0d\\x9b');
  });
});

describe('a table', () => {
  it('has no line that is wider than the terminal, by the width of graphemes', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 20, max: 120 }), (value, width) => {
        const lines = renderTable(value, { width, columns: null }).trimEnd().split('\n');
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('has a line of names and one for each row, numbers to the right', () => {
    const text = renderTable(
      [
        { name: 'a', size: 5 },
        { name: 'bcd', size: 1_024 },
      ],
      { width: null, columns: null },
    );
    expect(text).toBe('NAME  SIZE\na        5\nbcd   1024\n');
  });

  it('shows what was asked for, in that order, and shortens what is too long', () => {
    const row = { id: 1, text: 'x'.repeat(50), other: 2 };
    const text = renderTable([row], { width: 20, columns: ['text', 'id'] });
    expect(text).toBe(
      `TEXT${' '.repeat(14)}  ID\n`.replace('  ID', 'ID') + `${'x'.repeat(15)}…   1\n`,
    );
  });

  it('of one object is a list', () => {
    expect(renderRecord({ name: 'a', at: { $date: 'x' }, none: null }, null)).toBe(
      'name  a\nat    x\nnone\n',
    );
  });
});

describe('CSV', () => {
  it('is read back by any reader of RFC 4180', () => {
    const names = ['a', 'b,"c'];
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText), { minLength: 1 }), (pairs) => {
        const text = renderCsv(pairs.map(([a, b]) => ({ a, 'b,"c': b })));
        expect(readCsv(text)).toEqual([names, ...pairs.map(([a, b]) => [a, b])]);
      }),
    );
  });
});

describe('YAML', () => {
  it('is what it was made of', async () => {
    const value = fc
      .jsonValue()
      .filter((one) => one !== null && typeof one === 'object')
      .map((one) => JSON.parse(JSON.stringify(one)) as unknown);
    await fc.assert(
      fc.asyncProperty(value, async (one) => {
        const text = await render(one, { format: 'yaml' });
        if (!text.includes('\\x')) expect(parseYaml(text)).toEqual(one);
      }),
    );
  });
});

describe('a selection', () => {
  const value = { a: 1, b: { c: [2], 'd.e': 3 }, 'x.y': 4 };
  it.each<[readonly string[], unknown]>([
    [['a'], 1],
    [['a', 'b.c'], { a: 1, 'b.c': [2] }],
    [['x.y'], 4],
    [['b.d.e'], 3],
    [['constructor'], null],
    [['a.b'], null],
  ])('%j', (fields, selected) => {
    expect(selectFields(value, fields)).toEqual(selected);
    expect(selectFields([value, value], fields)).toEqual([selected, selected]);
  });

  it('hides passwords in every form', async () => {
    for (const format of ['json', 'yaml', 'csv', 'ndjson', 'table', 'text'] as const) {
      const text = await render([{ name: 'a', password: { $password: 's3cr3t' } }], { format });
      expect(text).not.toContain('s3cr3t');
      expect(text).toContain('<hidden>');
    }
  });
});

/** A reader of its own, by the grammar of the RFC. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      at += 1;
      while (text[at] !== '"' || text[at + 1] === '"') {
        if (text[at] === '"') at += 1;
        field += text.charAt(at);
        at += 1;
      }
      at += 1;
    } else {
      while (text[at] !== ',' && text[at] !== '\r') {
        field += text.charAt(at);
        at += 1;
      }
    }
    record.push(field);
    if (text[at] === ',') at += 1;
    else {
      records.push(record);
      record = [];
      at += 2;
    }
  }
  return records;
}

describe('what is wrapped', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '日', 'é', '👩‍👩‍👧') });

  it('is all there, on lines that are no wider than they may be', () => {
    fc.assert(
      fc.property(plain, fc.integer({ min: 2, max: 30 }), (text, width) => {
        const lines = wrapped(text, width);
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });

  it('goes on below in its own column', () => {
    const row = { id: 7, text: 'one two three four' };
    expect(renderTable([row], { width: 14, columns: ['id', 'text'], isWrapped: true })).toBe(
      'ID  TEXT\n 7  one two\n    three four\n',
    );
    expect(renderRecord({ a: 'one two three', b: 1 }, 10, { isWrapped: true })).toBe(
      'a  one two\n   three\nb  1\n',
    );
  });
});
