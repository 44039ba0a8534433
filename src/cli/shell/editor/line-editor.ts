import type { Key } from 'node:readline';
import { InterruptedError } from '../../exit-status.js';
import { type Completion, commonStart, listing } from './candidates.js';
import { applyEdit } from './apply-edit.js';
import { EditBuffer } from './edit-buffer.js';
import { HistorySearch, searchView } from './history-search.js';
import { HistoryWalk, type PastLines, suggestionFor } from './history-walk.js';
import { type Action, type EditAction, keyPress } from './keys.js';
import type { View } from './layout.js';
import { PasteReader } from './paste-reader.js';
import { Screen } from './screen.js';
import type { Piece } from './style.js';
import { Terminal, type TerminalInput, type TerminalOutput } from './terminal.js';

export interface EditorOptions {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  readonly history: PastLines;
  /** Shown anew whenever `refresh` is called. */
  readonly prompt: () => readonly Piece[];
  /** What may stand at the cursor, asked for by TAB: at once, or while somebody types on. */
  readonly complete: (text: string, cursor: number) => Completion | Promise<Completion>;
  /** Whether the text goes on in another line. */
  readonly isOpen: (text: string) => boolean;
  /** Without colour nothing is suggested: it could not be told from what was typed. */
  readonly hasColour: boolean;
}

/** What became of the asking for a line. */
export type Read =
  | { readonly kind: 'line'; readonly text: string }
  /** ^C: what was typed is dropped. */
  | { readonly kind: 'interrupted'; readonly text: string }
  /** By {@link LineEditor.pause}. */
  | { readonly kind: 'paused'; readonly text: string }
  /** ^D in an empty line, or the terminal has gone. */
  | { readonly kind: 'end' };

/** What ^C and ^Z do while no line is asked for. */
export interface BusyKeys {
  onInterrupt(): void;
  onSuspend(): void;
}

type Mode =
  | { readonly kind: 'busy' }
  | { readonly kind: 'line'; readonly walk: HistoryWalk; readonly done: (read: Read) => void }
  | {
      readonly kind: 'question';
      readonly question: string;
      readonly isHidden: boolean;
      readonly done: (read: Read) => void;
    };

const BUSY: Mode = { kind: 'busy' };
const CONTINUATION = '... ';
/** Keys that somebody pressed ahead. */
const MAX_AHEAD = 10_000;

/**
 * Lines from a terminal, with all that people expect: keys of Emacs, history with search and suggestion,
 * candidates, pastes that run nothing, several lines, and notices above what is being typed. Between two lines it
 * keeps what is typed ahead.
 */
export class LineEditor {
  readonly #buffer = new EditBuffer();
  readonly #terminal: Terminal;
  readonly #screen: Screen;
  readonly #paste = new PasteReader((text) => this.#onText(text));
  readonly #ahead: [string | undefined, Key][] = [];
  #mode: Mode = BUSY;
  #search: HistorySearch | null = null;
  #below: readonly string[] = [];
  #completing = 0;
  #hasEnded = false;
  readonly #listeners = new Set<(key: string) => void>();
  #busyKeys: BusyKeys = { onInterrupt: () => undefined, onSuspend: () => undefined };

  constructor(private readonly options: EditorOptions) {
    this.#terminal = new Terminal(options.input, options.output);
    this.#screen = new Screen(this.#terminal);
  }

  get terminal(): Terminal {
    return this.#terminal;
  }

  /** Whether somebody is typing a line or an answer at present. */
  get isReading(): boolean {
    return this.#mode.kind !== 'busy';
  }

  /** Takes the terminal. @param busyKeys - for the time between two lines */
  open(busyKeys: BusyKeys, onEnd: () => void = () => undefined): void {
    this.#busyKeys = busyKeys;
    this.#terminal.open({
      onKey: (text, key) => this.#onKey(text, key),
      onResize: () => this.#onResize(),
      onEnd: () => {
        this.#hasEnded = true;
        this.#finish({ kind: 'end' });
        onEnd();
      },
    });
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.#finish({ kind: 'end' });
    this.#paste.stop();
    this.#terminal.close();
  }

  /** The next line, or the next several where one is open. */
  read(initial = ''): Promise<Read> {
    return this.#begin(initial, (done) => {
      return { kind: 'line', walk: new HistoryWalk(this.options.history), done };
    });
  }

  /** Keys that are pressed while no line is asked for go to the listener; returns what ends that. */
  listen(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends the reading of a line: somebody has to be asked something else. */
  pause(): void {
    if (this.#mode.kind !== 'busy') this.#finish({ kind: 'paused', text: this.#buffer.text });
  }

  /** An answer to a question. @throws InterruptedError at ^C, and where the input ends */
  async ask(question: string, { isHidden = false } = {}): Promise<string> {
    const read = await this.#begin('', (done) => ({ kind: 'question', question, isHidden, done }));
    if (read.kind !== 'line') throw new InterruptedError();
    return read.text;
  }

  /** Text above what is being typed, which stays as it is. */
  print(text: string): void {
    if (this.isReading) this.#screen.printAbove(text, this.#view());
    else this.#terminal.write(text.replaceAll(/\r?\n/g, '\r\n'));
  }

  /** The prompt says something else now. */
  refresh(): void {
    if (this.isReading) this.#screen.show(this.#view());
  }

  /** Lends the terminal to another program. */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    this.#terminal.release();
    try {
      return await work();
    } finally {
      this.#terminal.take();
      this.refresh();
    }
  }

  #begin(initial: string, mode: (done: (read: Read) => void) => Mode): Promise<Read> {
    if (this.#hasEnded) return Promise.resolve({ kind: 'end' });
    return new Promise((resolve) => {
      this.#buffer.reset(initial);
      this.#below = [];
      this.#search = null;
      this.#mode = mode(resolve);
      this.#screen.show(this.#view());
      this.#replay();
    });
  }

  /** What was typed ahead, as far as one line takes it. */
  #replay(): void {
    while (this.isReading) {
      const next = this.#ahead.shift();
      if (next === undefined) return;
      this.#onKey(...next);
    }
  }

  #finish(read: Read): void {
    const mode = this.#mode;
    if (mode.kind === 'busy') return;
    this.#completing += 1;
    this.#below = [];
    this.#search = null;
    if (this.#hasEnded) this.#screen.erase();
    else this.#screen.leave(this.#view());
    this.#mode = BUSY;
    mode.done(read);
  }

  #onKey(text: string | undefined, key: Key): void {
    if (this.#paste.take(text, key)) return;
    const press = keyPress(text, key);
    if (press === null) return;
    if (press.kind === 'text') this.#onText(press.text, [text, key]);
    else this.#onAction(press.action, [text, key]);
  }

  #onText(text: string, key?: [string | undefined, Key]): void {
    if (this.#mode.kind === 'busy') {
      if (this.#listeners.size === 0) this.#keep(key ?? [text, { sequence: text }]);
      for (const listener of this.#listeners) listener(text);
      return;
    }
    if (this.#search !== null) this.#search.extend(text.replaceAll('\n', ' '));
    else this.#buffer.insert(this.#mode.kind === 'question' ? firstLine(text) : text);
    this.#changed();
  }

  #keep(key: [string | undefined, Key]): void {
    if (this.#ahead.length < MAX_AHEAD) this.#ahead.push(key);
  }

  #onAction(action: Action, key: [string | undefined, Key]): void {
    const mode = this.#mode;
    if (mode.kind === 'busy') {
      if (action === 'interrupt') {
        this.#ahead.length = 0;
        this.#busyKeys.onInterrupt();
      } else if (action === 'suspend') this.#busyKeys.onSuspend();
      else this.#keep(key);
      return;
    }
    if (this.#search !== null && this.#inSearch(action, this.#search)) return;
    switch (action) {
      case 'accept':
        this.#accept(mode);
        break;
      case 'interrupt':
        this.#finish({ kind: 'interrupted', text: this.#buffer.text });
        break;
      case 'end':
        if (this.#buffer.text === '') this.#finish({ kind: 'end' });
        else this.#edit('deleteRight', mode);
        break;
      case 'suspend':
        this.#suspend();
        break;
      case 'clear':
        this.#screen.clear(this.#view());
        break;
      case 'complete':
        if (mode.kind === 'line') this.#complete();
        break;
      case 'search':
        if (mode.kind === 'line') this.#search = new HistorySearch(this.options.history);
        this.#changed();
        break;
      case 'cancel':
        this.#changed();
        break;
      default:
        this.#edit(action, mode);
    }
  }

  #edit(action: EditAction, mode: Exclude<Mode, { kind: 'busy' }>): void {
    const walk = mode.kind === 'line' ? mode.walk : null;
    applyEdit(action, { buffer: this.#buffer, hint: this.#hint(), walk });
    this.#changed();
  }

  /** @returns whether that was all */
  #inSearch(action: Action, search: HistorySearch): boolean {
    switch (action) {
      case 'search':
        search.older();
        break;
      case 'deleteLeft':
        search.shorten();
        break;
      case 'interrupt':
      case 'cancel':
        this.#search = null;
        break;
      default:
        // any other key takes what was found, and does what it does
        this.#search = null;
        if (search.found !== '') this.#buffer.set(search.found);
        return false;
    }
    this.#changed();
    return true;
  }

  #accept(mode: Exclude<Mode, { kind: 'busy' }>): void {
    const { text } = this.#buffer;
    if (mode.kind === 'line' && this.options.isOpen(text)) {
      this.#buffer.moveTo(text.length);
      this.#buffer.insert('\n');
      this.#changed();
      return;
    }
    this.#buffer.moveTo(text.length);
    this.#finish({ kind: 'line', text });
  }

  #complete(): void {
    this.#completing += 1;
    const turn = this.#completing;
    const { text, cursor } = this.#buffer;
    const found = this.options.complete(text, cursor);
    if (!(found instanceof Promise)) {
      this.#offer(found);
      return;
    }
    found.then(
      (completion) => {
        const isWanted = turn === this.#completing && this.#mode.kind === 'line';
        if (isWanted) this.#offer(completion); // else somebody has typed on
      },
      () => undefined, // there is nothing to offer
    );
  }

  #offer(completion: Completion): void {
    const { start, end, candidates, isPartial } = completion;
    const [only, ...others] = candidates;
    const { columns, rows } = this.#terminal;
    const written = this.#buffer.text.slice(start, end);
    if (only !== undefined && others.length === 0 && isPartial !== true) {
      const isInside = this.#buffer.text[end] === ' ';
      this.#buffer.replace(start, end, only.text + (only.isOpen === true || isInside ? '' : ' '));
      this.#below = [];
    } else {
      const common = commonStart(candidates);
      if (common.length > written.length) this.#buffer.replace(start, end, common);
      const isListed = common.length <= written.length || isPartial === true;
      this.#below = isListed ? listing(completion, { columns, height: rows - 3 }) : [];
    }
    this.#screen.show(this.#view());
  }

  /** As every program at a prompt does: the terminal as it was, and back when we go on. */
  #suspend(): void {
    this.#screen.leave(this.#view());
    this.#terminal.release();
    const goOn = (): void => {
      process.off('SIGCONT', goOn);
      clearTimeout(timer);
      this.#terminal.take();
      this.refresh();
    };
    process.on('SIGCONT', goOn);
    // nobody can stop a process that has no shell above it: then we go on at once
    const timer = setTimeout(goOn, 100);
    process.kill(process.pid, 'SIGTSTP');
  }

  #onResize(): void {
    this.#screen.resized();
    this.#below = [];
    this.refresh();
  }

  #changed(): void {
    this.#completing += 1;
    this.#below = [];
    this.refresh();
  }

  #hint(): string {
    const { hasColour, history } = this.options;
    if (!hasColour || this.#mode.kind !== 'line' || !this.#buffer.isAtEnd) return '';
    return suggestionFor(this.#buffer.text, history);
  }

  #view(): View {
    const { hasColour } = this.options;
    const { text, cursor } = this.#buffer;
    const view = { continuation: CONTINUATION, hint: '', below: this.#below, hasColour };
    const mode = this.#mode;
    if (mode.kind === 'question') {
      const prompt = [{ text: mode.question, style: 'plain' as const }];
      const shown = mode.isHidden ? { text: '', cursor: 0 } : { text, cursor };
      return { ...view, ...shown, prompt };
    }
    if (this.#search !== null) return { ...view, ...searchView(this.#search) };
    return { ...view, prompt: this.options.prompt(), text, cursor, hint: this.#hint() };
  }
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';
