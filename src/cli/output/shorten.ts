import stringWidth from 'string-width';

const SHORTENED = '…';
/** What is one character for people. */
export const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** As many whole graphemes as have room, and a mark where some were left out. */
export function shorten(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let used = 0;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    const wide = stringWidth(segment);
    if (used + wide > width - 1) break;
    used += wide;
    kept += segment;
  }
  return kept + SHORTENED;
}
