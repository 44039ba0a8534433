import { printable } from '../../output/printable.js';
import { shorten } from '../../output/shorten.js';
import { widthOf } from '../../output/width.js';

/** What may stand in a place of the line. */
export interface Candidate {
  /** What is written into the line, quoted if it has to be. */
  readonly text: string;
  /** What is listed; absent: the text. */
  readonly label?: string;
  readonly description?: string;
  /** Something has to follow without a blank, as behind `name=`. */
  readonly isOpen?: true;
}

export interface Completion {
  /** The part of the line that a candidate takes the place of. */
  readonly start: number;
  readonly end: number;
  readonly candidates: readonly Candidate[];
  /** There may be more, which did not come in time or are too many. */
  readonly isPartial?: true;
}

/** What all candidates begin with. */
export function commonStart(candidates: readonly Candidate[]): string {
  const [first, ...others] = candidates.map(({ text }) => text);
  if (first === undefined) return '';
  let length = first.length;
  for (const other of others) {
    while (length > 0 && !other.startsWith(first.slice(0, length))) length -= 1;
  }
  return Array.from(first.slice(0, length)).join('');
}

const GAP = 2;
const MAX_NAME = 30;

/** The candidates as rows of at most so many cells, at most `height` of them. */
export function listing(
  { candidates, isPartial }: Completion,
  { columns, height }: { readonly columns: number; readonly height: number },
): readonly string[] {
  const room = Math.max(1, height - (isPartial === true ? 1 : 0));
  const isDescribed = candidates.some(({ description = '' }) => description !== '');
  // more than there is room for: their names alone take less of it
  const rows =
    isDescribed && candidates.length <= room
      ? describedRows(candidates, columns)
      : gridRows(candidates, columns);
  const shown = rows.length <= room ? rows : rows.slice(0, Math.max(0, room - 1));
  const rest = rows.length - shown.length;
  return [
    ...shown,
    ...(rest > 0 ? [`… ${rest} more rows`] : []),
    ...(isPartial === true ? ['…'] : []),
  ];
}

function describedRows(candidates: readonly Candidate[], columns: number): readonly string[] {
  const widest = Math.max(...candidates.map((one) => widthOf(nameOf(one))));
  const width = Math.min(widest, MAX_NAME, columns);
  return candidates.map((candidate) => {
    const name = nameOf(candidate);
    const pad = ' '.repeat(Math.max(0, width - widthOf(name)) + GAP);
    return shorten(`${name}${pad}${printable(candidate.description ?? '')}`.trimEnd(), columns);
  });
}

/** Names alone stand beside each other, down the columns as `ls` has them. */
function gridRows(candidates: readonly Candidate[], columns: number): readonly string[] {
  const names = candidates.map(nameOf);
  const width = Math.max(...names.map((name) => widthOf(name)), 1) + GAP;
  const across = Math.max(1, Math.floor((columns + GAP) / width));
  const count = Math.ceil(names.length / across);
  return Array.from({ length: count }, (_, row) => {
    const cells = names.filter((__, at) => at % count === row);
    const line = cells.map((name) => name + ' '.repeat(width - widthOf(name))).join('');
    return shorten(line.trimEnd(), columns);
  });
}

const nameOf = ({ label, text }: Candidate): string => printable(label ?? text);
