/**
 * A text that a regular expression probably matches, for the common part of the language: literals,
 * classes, groups, choices, counts. Reads the pattern and never runs it, so a hostile one costs
 * nothing. Null for what it does not know.
 */
export function sampleOfPattern(pattern: string, minLength = 0): string | null {
  try {
    const sampler = new Sampler(pattern);
    const sample = sampler.read(0);
    if (sample.length >= minLength) return sample;
    // longer by repeating what may be repeated
    return new Sampler(pattern).read(minLength);
  } catch {
    return null;
  }
}

const CLASSES = new Map([
  ['d', '0'],
  ['w', 'a'],
  ['s', ' '],
  ['D', 'a'],
  ['W', '-'],
  ['S', 'a'],
  ['t', '\t'],
  ['n', '\n'],
]);
const ANCHORS = new Set(['b', 'B']);
const CANDIDATES = 'a0A-_. xXzZ19/:@#%b';

class Sampler {
  #at = 0;
  #missing = 0;

  constructor(private readonly pattern: string) {}

  /** `more`: how many characters to add where the pattern lets one repeat something. */
  read(more: number): string {
    this.#missing = more;
    const text = this.#choice();
    if (this.#at < this.pattern.length) throw new Error('unexpected )');
    return text;
  }

  #choice(): string {
    const first = this.#sequence();
    while (this.#peek() === '|') {
      this.#at += 1;
      this.#sequence();
    }
    return first;
  }

  #sequence(): string {
    let text = '';
    while (this.#at < this.pattern.length && this.#peek() !== '|' && this.#peek() !== ')') {
      text += this.#repeated(this.#atom());
    }
    return text;
  }

  #peek(): string {
    return this.pattern[this.#at] ?? '';
  }

  #take(): string {
    const character = this.#peek();
    if (character === '') throw new Error('unexpected end');
    this.#at += 1;
    return character;
  }

  #atom(): string {
    const character = this.#take();
    if (character === '^' || character === '$') return '';
    if (character === '.') return 'a';
    if (character === '[') return this.#set();
    if (character === '(') return this.#group();
    if (character === '\\') return this.#escape();
    if ('*+?{'.includes(character)) throw new Error('nothing to repeat');
    return character;
  }

  #escape(): string {
    const character = this.#take();
    if (ANCHORS.has(character)) return '';
    if (/[1-9pPukxc]/.test(character)) throw new Error('not known');
    return CLASSES.get(character) ?? character;
  }

  #group(): string {
    if (this.#peek() === '?') {
      this.#at += 1;
      const kind = this.#take();
      if (kind === '<') {
        if (/[=!]/.test(this.#peek())) throw new Error('look-behind');
        while (this.#take() !== '>');
      } else if (kind !== ':') throw new Error('look-ahead');
    }
    const text = this.#choice();
    if (this.#take() !== ')') throw new Error('expected )');
    return text;
  }

  /** The engine itself says what is in a set: one character against one class is no bomb. */
  #set(): string {
    const start = this.#at - 1;
    if (this.#peek() === '^') this.#at += 1;
    if (this.#peek() === ']') this.#at += 1;
    while (this.#peek() !== ']') {
      if (this.#take() === '\\') this.#take();
    }
    this.#at += 1;
    const set = new RegExp(`^${this.pattern.slice(start, this.#at)}$`);
    const first = this.pattern.slice(start + 1, this.#at).replace(/^\^/, '');
    const found = Array.from(first + CANDIDATES).find((character) => set.test(character));
    if (found === undefined) throw new Error('empty set');
    return found;
  }

  #repeated(atom: string): string {
    const character = this.#peek();
    if (character === '*' || character === '?' || character === '+') {
      this.#at += 1;
      this.#lazy();
      const least = character === '+' ? 1 : 0;
      return character === '?' ? '' : this.#times(atom, least, Infinity);
    }
    const counts = /^\{(\d+)(,(\d*))?\}/.exec(this.pattern.slice(this.#at, this.#at + 24));
    if (counts === null) return atom;
    this.#at += counts[0].length;
    this.#lazy();
    const least = Number(counts[1]);
    const most = counts[2] === undefined ? least : counts[3] === '' ? Infinity : Number(counts[3]);
    return this.#times(atom, least, most);
  }

  #lazy(): void {
    if (this.#peek() === '?') this.#at += 1;
  }

  #times(atom: string, least: number, most: number): string {
    if (least > 1_000) throw new Error('too long');
    const wanted = atom === '' ? least : Math.ceil(this.#missing / atom.length);
    const times = Math.min(Math.max(least, Math.min(wanted, 1_000)), most);
    this.#missing -= (times - least) * atom.length;
    return atom.repeat(times);
  }
}
