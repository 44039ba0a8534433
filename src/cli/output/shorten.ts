import { graphemesOf, widthOf } from './width.js';

const SHORTENED = '…';

/** As many whole graphemes as have room, and a mark where some were left out. */
export function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let used = 0;
  let kept = '';
  for (const { segment } of graphemesOf(text)) {
    const wide = widthOf(segment);
    if (used + wide > width - 1) break;
    used += wide;
    kept += segment;
  }
  return kept + SHORTENED;
}
