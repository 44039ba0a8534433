import { graphemesOf } from '../../output/width.js';

/** Longer than what people see as one character; so far a boundary is looked for. */
const REACH = 64;
const WORD = /[\p{L}\p{N}_]/u;
/** Where the character before this place begins. */
export function previousBoundary(text: string, at: number): number {
  const from = Math.max(0, at - REACH);
  let last = from;
  let length = from;
  for (const { segment } of graphemesOf(text.slice(from, at))) {
    last = length;
    length += segment.length;
  }
  return last;
}

/** Where the character at this place ends. */
export function nextBoundary(text: string, at: number): number {
  const [first] = graphemesOf(text.slice(at, at + REACH));
  return at + (first?.segment.length ?? 0);
}

/** Where the word before this place begins. */
export function wordStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && !WORD.test(text[start - 1] ?? '')) start -= 1;
  while (start > 0 && WORD.test(text[start - 1] ?? '')) start -= 1;
  return start;
}

/** Where the word behind this place ends. */
export function wordEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && !WORD.test(text[end] ?? '')) end += 1;
  while (end < text.length && WORD.test(text[end] ?? '')) end += 1;
  return end;
}
