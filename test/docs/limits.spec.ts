import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/config/schema/index.js';

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The cells of each row of the table below a heading of the page. */
function rowsBelow(heading: string): string[][] {
  const [, section = ''] = file('docs/limits.md').split(`\n## ${heading}\n`);
  const [table = ''] = section.split('\n## ');
  const lines = table.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

const numberIn = (cell = ''): number => Number(/\d+/.exec(cell)?.[0]);

/** The value of a constant or an option as it is written in a source: a number or a product of numbers. */
function valueIn(source: string, name: string): number {
  const text = new RegExp(`\\b${name}(?: =|:) ([\\d_*. ]+)[;,]`).exec(file(source))?.[1];
  if (text === undefined) throw new Error(`${source} has no number ${name}`);
  return text
    .split(/(?<!\*)\*(?!\*)/)
    .map((factor) => factor.split('**').map((part) => Number(part.replaceAll('_', ''))))
    .map(([base = NaN, exponent = 1]) => base ** exponent)
    .reduce((product, factor) => product * factor);
}

describe('The page on limits', () => {
  it('has a row for every key of the configuration, with its default', () => {
    const documented = rowsBelow('To be set').map(([key = '', value]) => [
      key.replaceAll('`', ''),
      numberIn(value),
    ]);
    const configured = Object.entries(LIMITS.properties).map(([key, schema]) => [
      key,
      'default' in schema ? schema.default : undefined,
    ]);
    expect(documented).toEqual(configured);
  });

  it.each(rowsBelow('Fixed'))('says what the code says: %s', (_what, value, _past, where = '') => {
    const [, source = '', name = ''] = /^`(\S+)` `(\w+)`$/.exec(where) ?? [];
    expect(valueIn(source, name)).toBe(numberIn(value));
  });

  it('says of each limit what happens past it', () => {
    const [silent] = rowsBelow('Fixed').filter(([, , past]) => past === '');
    expect(silent).toBeUndefined();
  });
});
