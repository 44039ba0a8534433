/**
 * Shell globs over event and file names, as fnmatch(3) without path rules: `*` any run, `?` one
 * character, `[abc]`, `[a-z]`, `[!a]`; dots and slashes are ordinary, an unclosed `[` is literal.
 *
 * The matcher walks both strings with one remembered star, so a hostile mask such as `*a*a*a*b`
 * costs at most name × mask steps; a translation into a regular expression would backtrack.
 */
type Token =
  | { readonly kind: 'star' | 'any' }
  | { readonly kind: 'set'; readonly has: (c: string) => boolean };

/** The longest mask that is taken from outside; names of events are far shorter. */
export const MAX_MASK_LENGTH = 256;

/** A compiled mask. `compileMask('task.*')('task.created') // true` */
export type MaskMatcher = (name: string) => boolean;

export function compileMask(mask: string): MaskMatcher {
  if (!/[*?[]/.test(mask)) return (name) => name === mask;
  if (mask === '*') return () => true;
  const tokens = tokenize(mask);
  return (name) => matches(tokens, name);
}

function tokenize(mask: string): readonly Token[] {
  const characters = Array.from(mask);
  const lastClosing = characters.lastIndexOf(']');
  const tokens: Token[] = [];
  for (let i = 0; i < characters.length; i += 1) {
    const character = characters[i] ?? '';
    if (character === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (character === '?') {
      tokens.push({ kind: 'any' });
    } else if (character === '[') {
      const first = firstMember(characters, i);
      // past the last `]` there is nothing to look for: a row of open sets must not be searched again and again
      const end = first < lastClosing ? characters.indexOf(']', first + 1) : -1;
      tokens.push({
        kind: 'set',
        has: end === -1 ? (c) => c === '[' : setOf(characters.slice(i + 1, end)),
      });
      if (end !== -1) i = end;
    } else {
      tokens.push({ kind: 'set', has: (c) => c === character });
    }
  }
  return tokens;
}

/** Where the members of the set opened at `start` begin; a `]` right there is one of them. */
function firstMember(characters: readonly string[], start: number): number {
  return characters[start + 1] === '!' ? start + 2 : start + 1;
}

function setOf(body: readonly string[]): (c: string) => boolean {
  const negated = body[0] === '!';
  const members = negated ? body.slice(1) : body;
  const ranges: [string, string][] = [];
  for (let i = 0; i < members.length; i += 1) {
    const from = members[i] ?? '';
    const to = members[i + 2];
    if (members[i + 1] === '-' && to !== undefined) {
      ranges.push([from, to]);
      i += 2;
    } else {
      ranges.push([from, from]);
    }
  }
  return (c) =>
    ranges.some(([from, to]) => compare(from, c) <= 0 && compare(c, to) <= 0) !== negated;
}

function compare(a: string, b: string): number {
  return (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0);
}

function accepts(token: Token, character: string): boolean {
  return token.kind === 'set' ? token.has(character) : token.kind === 'any';
}

function matches(tokens: readonly Token[], name: string): boolean {
  const characters = Array.from(name);
  let t = 0;
  let c = 0;
  let starToken = -1;
  let starCharacter = 0;
  while (c < characters.length) {
    const token = tokens[t];
    if (token?.kind === 'star') {
      starToken = t;
      starCharacter = c;
      t += 1;
    } else if (token !== undefined && accepts(token, characters[c] ?? '')) {
      t += 1;
      c += 1;
    } else if (starToken !== -1) {
      starCharacter += 1;
      c = starCharacter;
      t = starToken + 1;
    } else {
      return false;
    }
  }
  while (tokens[t]?.kind === 'star') t += 1;
  return t === tokens.length;
}
