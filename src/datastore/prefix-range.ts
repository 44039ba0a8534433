/**
 * The smallest string that is greater, by code point, than every string with this prefix; null when
 * there is none. `prefixEnd('ab') // 'ac'`
 */
export function prefixEnd(prefix: string): string | null {
  const characters = Array.from(prefix);
  while (characters.length > 0) {
    const last = characters.pop()?.codePointAt(0) ?? 0;
    // The code points after U+D7FF are surrogates, which no text holds alone
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    if (next <= 0x10ffff) return characters.join('') + String.fromCodePoint(next);
  }
  return null;
}

/** The part of a glob before its first special character. */
export function fixedPrefix(glob: string): string {
  return /^[^*?[]*/.exec(glob)?.[0] ?? '';
}
