import stringWidth from 'string-width';

const BLANK = ' ';
/** What stands in the second cell of a wide character. */
const COVERED = '';
// eslint-disable-next-line no-control-regex -- what a terminal obeys
const TOKEN = /\x1b\[([?\d;]*)([A-Za-z])|\x1b\][^\x07]*\x07|[\x00-\x1f\x7f]|\P{M}\p{M}*/gsu;

/** As much of a terminal as a line editor uses: what a person sees after all that was written. */
export class VirtualScreen {
  #rows: string[][] = [];
  #row = 0;
  #column = 0;
  #rest = '';
  /** Modes that were switched on and not off again, such as `?2004`. */
  readonly modes = new Set<string>();
  /** What has gone out at the top. */
  readonly history: string[] = [];

  constructor(
    public columns = 80,
    public height = 24,
  ) {
    this.#rows = [[]];
  }

  write(text: string): void {
    const whole = this.#rest + text;
    // the beginning of an escape sequence waits for the rest of it
    // eslint-disable-next-line no-control-regex -- that is the point
    const cut = whole.search(/\x1b(?:\[[?\d;]*)?$/);
    this.#rest = cut === -1 ? '' : whole.slice(cut);
    for (const [token, parameters, final] of (cut === -1 ? whole : whole.slice(0, cut)).matchAll(
      TOKEN,
    )) {
      if (final !== undefined) this.#obey(parameters ?? '', final);
      else this.#put(token);
    }
  }

  /** The rows that can be seen, without blanks at their ends. */
  get rows(): readonly string[] {
    return this.#rows.map((row) => row.join('').trimEnd());
  }

  get text(): string {
    return this.rows.join('\n').trimEnd();
  }

  /** All there ever was to see. */
  get everything(): string {
    return [...this.history, this.text].join('\n');
  }

  /** The row of the cursor, and its column in cells from 0. */
  get cursor(): { readonly line: string; readonly row: number; readonly column: number } {
    return { line: this.rows[this.#row] ?? '', row: this.#row, column: this.#column };
  }

  #put(token: string): void {
    switch (token) {
      case '\r':
        this.#column = 0;
        return;
      case '\n':
        this.#down();
        return;
      case '\b':
        this.#column = Math.max(0, this.#column - 1);
        return;
    }
    if (token.startsWith('\x1b') || token < BLANK) return;
    const width = stringWidth(token);
    if (this.#column + width > this.columns) {
      this.#column = 0;
      this.#down();
    }
    const row = this.#rows[this.#row]!;
    while (row.length < this.#column) row.push(BLANK);
    row[this.#column] = token;
    for (let at = 1; at < width; at += 1) row[this.#column + at] = COVERED;
    this.#column += width;
  }

  #down(): void {
    this.#row += 1;
    if (this.#row < this.#rows.length) return;
    this.#rows.push([]);
    if (this.#rows.length <= this.height) return;
    const gone = this.#rows.shift();
    this.history.push((gone ?? []).join('').trimEnd());
    this.#row -= 1;
  }

  #obey(parameters: string, final: string): void {
    const count = Math.max(1, Number(parameters || 1));
    switch (final) {
      case 'A':
        this.#row = Math.max(0, this.#row - count);
        return;
      case 'B':
        this.#row = Math.min(this.#rows.length - 1, this.#row + count);
        return;
      case 'C':
        this.#column = Math.min(this.columns - 1, this.#column + count);
        return;
      case 'D':
        this.#column = Math.max(0, this.#column - count);
        return;
      case 'H':
        this.#row = 0;
        this.#column = 0;
        return;
      case 'J':
        this.#erase(parameters);
        return;
      case 'K':
        this.#rows[this.#row]!.length = Math.min(this.#rows[this.#row]!.length, this.#column);
        return;
      case 'h':
        this.modes.add(parameters);
        return;
      case 'l':
        this.modes.delete(parameters);
        return;
      case 'm':
        return;
      default:
        throw new Error(`This terminal does not know CSI ${parameters}${final}`);
    }
  }

  #erase(parameters: string): void {
    if (parameters === '2') {
      this.#rows = [[]];
      return;
    }
    this.#rows.length = this.#row + 1;
    this.#rows[this.#row]!.length = Math.min(this.#rows[this.#row]!.length, this.#column);
  }
}
