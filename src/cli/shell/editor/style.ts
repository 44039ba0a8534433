/** How a piece of the line looks; where there is no colour all look the same. */
export type Style = 'plain' | 'faint' | 'place' | 'warning' | 'strong';

const CODES: Readonly<Record<Style, string>> = {
  plain: '',
  faint: '\x1b[90m',
  place: '\x1b[36m',
  warning: '\x1b[1;31m',
  strong: '\x1b[1m',
};
const RESET = '\x1b[0m';

export interface Piece {
  readonly text: string;
  readonly style: Style;
}

export function styled(text: string, style: Style): string {
  return CODES[style] === '' ? text : `${CODES[style]}${text}${RESET}`;
}
