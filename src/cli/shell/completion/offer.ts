import type { Candidate, Completion } from '../editor/index.js';
import type { Entity } from '../namespaces/index.js';
import type { Shell } from '../shell.js';
import { fileCandidates } from './file-candidates.js';
import type { TypedWord } from './typed-word.js';

/** What may stand at the cursor, before it is known what is written there already. */
export interface Offer {
  readonly candidates: readonly Candidate[];
  /** Keys of these rows as well. */
  readonly keysOf?: Entity | null;
  readonly events?: true;
  /** A plugin knows values as well. */
  readonly ofPlugin?: NonNullable<ReturnType<Shell['plugins']['completion']>> | null;
  /** They begin as they should, in quotes or not. */
  readonly isChosen?: true;
}

export const NOTHING: Offer = { candidates: [] };
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Behind a comma the next item of a list. */
export function lastPart({ text, name, isQuoted }: TypedWord): {
  readonly kept: string;
  readonly prefix: string;
} {
  const comma = name === null || isQuoted ? -1 : text.lastIndexOf(',');
  return { kept: text.slice(0, comma + 1), prefix: text.slice(comma + 1) };
}

/** Only what begins as the word does, in place of the word. */
export function finish(
  { candidates, isChosen }: Offer,
  current: TypedWord,
  { start, end }: Span,
): Completion {
  const { kept, prefix } = lastPart(current);
  const fits = ({ text, label = text }: Candidate): boolean =>
    isChosen === true ||
    text.startsWith(prefix) ||
    label.startsWith(prefix) ||
    (prefix.includes('-') && text.replaceAll('_', '-').startsWith(prefix));
  const seen = new Set<string>();
  const chosen = candidates.filter((one) => {
    if (seen.has(one.text) || !fits(one)) return false;
    seen.add(one.text);
    return true;
  });
  return { start: start + kept.length, end, candidates: chosen };
}

export const filesFor = ({ text }: TypedWord): Offer => ({
  candidates: fileCandidates(text),
  isChosen: true,
});
