const BARE = /^[\p{L}\p{N}_][\p{L}\p{N}_@%+:./-]*$/u;

/** A text as it is written in a line to be itself. */
export function quoted(text: string): string {
  if (BARE.test(text)) return text;
  // eslint-disable-next-line no-control-regex -- a raw quote would hand those to the terminal
  if (!/['\x00-\x1f\x7f]/.test(text)) return `'${text}'`;
  const escaped = text
    .replaceAll(/["\\$]/g, String.raw`\$&`)
    // eslint-disable-next-line no-control-regex -- as above
    .replaceAll(/[\x00-\x1f\x7f]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
  return `"${escaped}"`;
}
