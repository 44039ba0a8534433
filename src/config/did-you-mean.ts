import { distance } from 'fastest-levenshtein';

const MOST_EDITS = 3;

/**
 * The candidate that was probably meant, or null. Spelling conventions do not count:
 * `websocketPort` and `WEBSOCKET_PORT` are `websocket-port`.
 */
export function closest(word: string, candidates: readonly string[]): string | null {
  const wanted = bare(word);
  // a short word is near everything, so it may differ by less
  let best = Math.min(MOST_EDITS, Math.max(2, Math.floor(wanted.length / 3))) + 1;
  let found: string | null = null;
  for (const candidate of candidates) {
    const edits = distance(wanted, bare(candidate));
    if (edits >= best || edits >= wanted.length) continue;
    best = edits;
    found = candidate;
  }
  return found;
}

/** The tail of a message: a suggestion, or nothing. */
export function didYouMean(suggestion: string | null): string {
  return suggestion === null ? '' : `, did you mean ${JSON.stringify(suggestion)}?`;
}

function bare(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, '');
}
