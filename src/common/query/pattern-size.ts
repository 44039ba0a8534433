/** A class of Unicode is looked up in tables, and again for each letter's other cases. */
const UNICODE_CLASS = 10;
const FOLDED_UNICODE_CLASS = 40;
/** To find the other case of each letter of a range, the engine visits a hundred thousand characters. */
const FOLDED_RANGE = 900;
const GROUP = 2;
const MAX_DEPTH = 200;
const GROUP_HEAD = /\((?:\?(?:P?<\w*>|[a-zA-Z-]*:))?/y;
const FLAGS = /\(\?[a-zA-Z-]*\)/y;
const QUANTIFIER = /\{(\d{1,4})(,(\d{0,4}))?\}\??|[*+?]\??/y;
const ESCAPE = /\\(?:[pP](?:\{[^}]*\}|[^])|x\{[^}]*\}|Q[^]*?(?:\\E|$)|[^])/y;
const CLASS = /\[\^?\]?(?:\\(?:[pP]\{[^}]*\}|[^])|\[:\^?\w+:\]|[^\]\\])*\]/y;

/**
 * How many steps an expression of RE2 compiles to, and about how dear they are to make: never much
 * less than it really is. Told from the text, for a repetition of a repetition is multiplied out as
 * soon as the engine sees it. Infinity for what is nested without end.
 *
 * @example
 * patternSize('a{1,900}'); // 1799
 */
export function patternSize(pattern: string): number {
  return new SizeReader(pattern).read();
}

class SizeReader {
  #at = 0;
  /** What is made once, however often it is repeated. */
  #making = 0;
  readonly #isFolding: boolean;

  constructor(private readonly pattern: string) {
    this.#isFolding = /\(\?[a-zA-Z]*i/.test(pattern);
  }

  read(): number {
    let size = 0;
    // a parenthesis too many ends the expression early; the engine will refuse it
    for (; this.#at < this.pattern.length; this.#at += 1) size += this.#alternation(0);
    return size + this.#making;
  }

  #alternation(depth: number): number {
    if (depth > MAX_DEPTH) {
      this.#at = this.pattern.length;
      return Number.POSITIVE_INFINITY;
    }
    let size = 0;
    while (this.#at < this.pattern.length && this.pattern[this.#at] !== ')') {
      const atom = this.#atom(depth);
      size += this.#repeated(atom);
    }
    return size;
  }

  #atom(depth: number): number {
    const character = this.pattern[this.#at];
    if (character === '(') return this.#group(depth);
    if (character === '\\') return this.#escape(this.#take(ESCAPE) ?? this.#next());
    if (character === '[') return this.#class(this.#take(CLASS) ?? this.#next());
    this.#next();
    return 1;
  }

  #group(depth: number): number {
    if (this.#take(FLAGS) !== null) return 0;
    if (this.#take(GROUP_HEAD) === null) this.#next();
    const size = this.#alternation(depth + 1);
    this.#at += 1;
    return size + GROUP;
  }

  #escape(text: string): number {
    if (/^\\[pP]/.test(text)) this.#making += this.#unicodeClass();
    return text.startsWith('\\Q') ? text.length : 1;
  }

  #class(text: string): number {
    this.#making += (text.match(/\\[pP]/g)?.length ?? 0) * this.#unicodeClass();
    if (this.#isFolding && /-/.test(text) && /\\[xu\d]|[^\0-\x7f]/.test(text)) {
      this.#making += FOLDED_RANGE;
    }
    return 1;
  }

  #unicodeClass(): number {
    return this.#isFolding ? FOLDED_UNICODE_CLASS : UNICODE_CLASS;
  }

  #repeated(atom: number): number {
    let size = atom;
    for (;;) {
      QUANTIFIER.lastIndex = this.#at;
      const found = QUANTIFIER.exec(this.pattern);
      if (found === null) return size;
      this.#at = QUANTIFIER.lastIndex;
      const [, least, , most] = found;
      size = least === undefined ? size + 1 : multiplied(size, Number(least), most);
    }
  }

  #take(token: RegExp): string | null {
    token.lastIndex = this.#at;
    const text = token.exec(this.pattern)?.[0] ?? null;
    if (text !== null) this.#at += text.length;
    return text;
  }

  #next(): string {
    const character = this.pattern[this.#at] ?? '';
    this.#at += 1;
    return character;
  }
}

function multiplied(size: number, least: number, most: string | undefined): number {
  if (most === undefined || most === '') return Math.max(1, least) * size + 1;
  const times = Math.max(least, Number(most));
  return times * size + (times - least);
}
