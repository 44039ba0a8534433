/**
 * What would act on a terminal instead of being read: control characters of both sets, and the ones
 * that turn the direction of writing round.
 */
const ACTING = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const LINE_KEEPING = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069](?<![\n\t])/gu;

/**
 * A text from elsewhere, on one line and without power over the terminal: `\x1b`, `\x0a`.
 *
 * @example
 * printable('\x1b]0;x\x07') // '\\x1b]0;x\\x07'
 */
export function printable(text: string): string {
  return text.replace(ACTING, escaped);
}

/** The same, but line breaks and tabs do what they are for. */
export function printableLines(text: string): string {
  return text.replace(LINE_KEEPING, escaped);
}

/** JSON text leaves these as they are, and some terminals obey them. */
export function printableJson(text: string): string {
  return text.replace(LINE_KEEPING, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
