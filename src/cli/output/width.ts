import { createRequire } from 'node:module';

// eslint-disable-next-line no-control-regex -- all of ASCII: each is one character, the printable ones one cell
const ASCII = /^[\x00-\x7f]*$/;
const PRINTABLE_ASCII = /^[ -~]*$/;

const require = createRequire(import.meta.url);
/** Both read tables of Unicode that cost as much as half a start of the program: for whom has more than ASCII. */
let widthByUnicode: ((text: string) => number) | undefined;
let graphemes: Intl.Segmenter | undefined;

/**
 * How many cells of a terminal a text takes: 2 for wide characters and emoji, 0 for combining ones and escapes.
 *
 * @example
 * widthOf('日本'); // 4
 */
export function widthOf(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  widthByUnicode ??= (require('string-width') as typeof import('string-width')).default;
  return widthByUnicode(text);
}

/** What people see as characters, in their order. */
export function graphemesOf(text: string): Iterable<{ readonly segment: string }> {
  if (ASCII.test(text)) return Array.from(text, (segment) => ({ segment }));
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return graphemes.segment(text);
}
