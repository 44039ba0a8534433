import type {
  Argument,
  Command,
  Parsed,
  Pipeline,
  Redirection,
  Sequence,
  Stage,
  Statement,
} from './ast.js';
import { parseArgument } from './parse-argument.js';
import { ValueParser } from './parse-value.js';
import { Scanner } from './scanner.js';

const NAME = /[A-Za-z_]\w*/y;
const SET = /set(?=[ \t]+[A-Za-z_]\w*[ \t]+=(?![=+-]))/y;
/** Blocks in blocks; deeper is no script of a person. */
const MAX_DEPTH = 50;

/**
 * Parses a line or a script of the shell. Never throws: what is wrong is in `problems`, and everything
 * else is there all the same, for completion.
 *
 * @example
 * parseScript('user show uid>10 | sort -uid | limit 2').statements;
 */
export function parseScript(text: string): Parsed {
  const parser = new ScriptParser(new Scanner(text));
  return parser.parse();
}

class ScriptParser {
  readonly #values: ValueParser;
  #depth = 0;

  constructor(private readonly scanner: Scanner) {
    this.#values = new ValueParser(scanner, () => this.#pipeline({ inHead: false }));
  }

  parse(): Parsed {
    const { scanner } = this;
    const statements = this.#statements(false);
    return { statements, problems: scanner.problems, open: scanner.open };
  }

  #statements(inBlock: boolean): Statement[] {
    const { scanner } = this;
    const statements: Statement[] = [];
    for (;;) {
      scanner.skipSpace();
      if (scanner.isAtEnd || (inBlock && scanner.peek() === '}')) return statements;
      if (scanner.take(';')) continue;
      const before = scanner.position;
      const statement = this.#statement();
      if (statement !== null) statements.push(statement);
      if (scanner.position === before) this.#skipStray();
    }
  }

  /** Something that begins nothing: told once, and left behind. */
  #skipStray(): void {
    const { scanner } = this;
    scanner.note(`${scanner.peek()} has no meaning here`, scanner.position, scanner.position + 1);
    scanner.position += 1;
  }

  #statement(): Statement | null {
    const { scanner } = this;
    const start = scanner.position;
    // `set x = 1` is the language's; `set x=1` is a word of the place, which may have another meaning for it
    if (scanner.match(SET) !== null) return this.#set(start);
    if (scanner.takeKeyword('for')) return this.#for(start);
    if (scanner.takeKeyword('if')) return this.#if(start);
    if (scanner.takeKeyword('try')) {
      const body = this.#block('try');
      return { kind: 'try', body, start, end: scanner.position };
    }
    return this.#sequence({ inHead: false });
  }

  #set(start: number): Statement | null {
    const { scanner } = this;
    scanner.skipBlanks();
    const name = scanner.match(NAME);
    scanner.skipBlanks();
    if (name === null || !scanner.take('=')) return null;
    scanner.skipBlanks();
    const value = this.#valueOrPipeline();
    return value === null ? null : { kind: 'set', name, value, start, end: scanner.position };
  }

  /** A value that nothing follows, or else a command. */
  #valueOrPipeline() {
    const { scanner } = this;
    const { position, open } = scanner;
    const known = scanner.problems.length;
    const value = this.#values.parse();
    scanner.skipBlanks();
    if (value === null || this.#isStatementEnd()) return value;
    scanner.position = position;
    scanner.open = open;
    scanner.problems.length = known;
    return this.#pipeline({ inHead: false });
  }

  #for(start: number): Statement | null {
    const { scanner } = this;
    scanner.skipBlanks();
    const name = scanner.match(NAME);
    scanner.skipBlanks();
    if (name === null || !scanner.takeKeyword('in')) {
      scanner.note(
        'for takes a name, in, a list and a block, such as for x in [1, 2] { … }',
        start,
      );
      return null;
    }
    scanner.skipBlanks();
    const list = this.#values.parse();
    const body = this.#block('for');
    return list === null ? null : { kind: 'for', name, list, body, start, end: scanner.position };
  }

  #if(start: number): Statement | null {
    const { scanner } = this;
    scanner.skipBlanks();
    const condition = this.#sequence({ inHead: true });
    const then = this.#block('if');
    const behind = scanner.position;
    scanner.skipSpace();
    const hasElse = scanner.takeKeyword('else');
    if (!hasElse) scanner.position = behind;
    const otherwise = hasElse ? this.#block('else') : null;
    if (condition === null) return null;
    return { kind: 'if', condition, then, otherwise, start, end: scanner.position };
  }

  #block(of: string): Statement[] {
    const { scanner } = this;
    scanner.skipSpace();
    const start = scanner.position;
    if (!scanner.take('{')) {
      if (scanner.isAtEnd) scanner.open ??= `The block of ${of}`;
      scanner.note(`A block { … } is missing behind ${of}`);
      return [];
    }
    if (this.#depth >= MAX_DEPTH) {
      scanner.note('Blocks are nested too deeply');
      scanner.position = scanner.text.length;
      return [];
    }
    this.#depth += 1;
    const statements = this.#statements(true);
    this.#depth -= 1;
    if (!scanner.take('}')) scanner.noteOpen('The block {', start);
    return statements;
  }

  #sequence(place: Place): Sequence | null {
    const { scanner } = this;
    const start = scanner.position;
    const first = this.#pipeline(place);
    if (first === null) return null;
    const rest: Sequence['rest'][number][] = [];
    for (;;) {
      scanner.skipBlanks();
      const joint = scanner.take('&&') ? '&&' : scanner.take('||') ? '||' : null;
      if (joint === null) break;
      const pipeline = this.#behind(joint, place);
      if (pipeline !== null) rest.push({ joint, pipeline });
    }
    const isBackground = !scanner.startsWith('&&') && scanner.take('&');
    return { kind: 'sequence', first, rest, isBackground, start, end: scanner.position };
  }

  /** What stands behind a word that joins; it may stand in the next line. */
  #behind(joint: string, place: Place): Pipeline | null {
    const { scanner } = this;
    scanner.skipSpace();
    if (scanner.isAtEnd) scanner.noteOpen(`What follows ${joint}`, scanner.position);
    return scanner.isAtEnd ? null : this.#pipeline(place);
  }

  #pipeline(place: Place): Pipeline | null {
    const { scanner } = this;
    scanner.skipBlanks();
    const start = scanner.position;
    const command = this.#command(place);
    if (command === null) return null;
    const stages: Stage[] = [];
    for (;;) {
      scanner.skipBlanks();
      if (scanner.peek() !== '|' || scanner.peek(1) === '|') break;
      scanner.position += 1;
      stages.push(this.#stage(place));
    }
    const redirection = this.#redirection();
    const end = scanner.position;
    return { kind: 'pipeline', command, stages, redirection, start, end };
  }

  #command(place: Place): Command | null {
    const { scanner } = this;
    const start = scanner.position;
    const isAbsolute = scanner.take('/');
    const words = this.#words(place);
    if (words.length === 0 && !isAbsolute) {
      scanner.note('A command is missing here');
      return null;
    }
    return { isAbsolute, words, start, end: scanner.position };
  }

  #stage(place: Place): Stage {
    const { scanner } = this;
    scanner.skipSpace();
    const start = scanner.position;
    if (scanner.isAtEnd) scanner.noteOpen('What follows |', start);
    const isEach = scanner.takeKeyword('each');
    if (isEach) scanner.position = start;
    const words = this.#words({ inHead: place.inHead || isEach });
    if (words.length === 0) scanner.note('A stage is missing behind |', start);
    const block = isEach ? this.#block('each') : null;
    return { words, block, start, end: scanner.position };
  }

  #words(place: Place): Argument[] {
    const { scanner } = this;
    const words: Argument[] = [];
    for (;;) {
      scanner.skipBlanks();
      if (this.#isCommandEnd(place)) return words;
      const before = scanner.position;
      const word = parseArgument(scanner, this.#values);
      if (word !== null) words.push(word);
      if (scanner.position === before) return words;
      if (!scanner.isAtEnd && !/[\s;|&)}<>]/.test(scanner.peek()) && word !== null) {
        scanner.note('A blank is missing here');
      }
    }
  }

  #redirection(): Redirection | null {
    const { scanner } = this;
    const start = scanner.position;
    if (scanner.peek() !== '>') return null;
    const mode = scanner.take('>>') ? 'append' : 'write';
    if (mode === 'write') scanner.take('>');
    scanner.skipBlanks();
    const file = this.#values.parse();
    return file === null ? null : { mode, file, start, end: scanner.position };
  }

  #isCommandEnd({ inHead }: Place): boolean {
    const { scanner } = this;
    const next = scanner.peek();
    if (next === '' || '\n;|)}>'.includes(next)) return true;
    if (next === '&') return /^(?:$|[\s;}&])/.test(scanner.peek(1));
    return next === '{' && inHead;
  }

  #isStatementEnd(): boolean {
    return this.scanner.isAtEnd || '\n;}'.includes(this.scanner.peek());
  }
}

/** Where a command stands: what ends it depends on that. */
interface Place {
  /** An opening brace begins a block, not a value. */
  readonly inHead: boolean;
}
