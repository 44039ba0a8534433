/** Whether a name has all the words of a filter in it, in any order. */
export function matchWords(name: string, filter: string): boolean {
  const text = name.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** How well a name answers what was typed; null when it does not. Better is lower. */
export function rank(name: string, typed: string): number | null {
  const text = name.toLowerCase();
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  let score = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at === -1) {
      const spread = spreadOf(text, word);
      if (spread === null) return null;
      score += 100 + spread;
    } else score += at === 0 || /[._:-]/.test(text[at - 1] ?? '') ? at / 100 : 10 + at / 10;
  }
  return score + text.length / 1_000;
}

/** Letters in order with others in between: `sysload` finds `system.load`. */
function spreadOf(text: string, word: string): number | null {
  let at = -1;
  let spread = 0;
  for (const letter of word) {
    const next = text.indexOf(letter, at + 1);
    if (next === -1) return null;
    spread += next - at - 1;
    at = next;
  }
  return spread;
}
