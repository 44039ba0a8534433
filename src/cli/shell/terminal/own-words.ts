import type { Subscription } from '../../../client/index.js';
import { messageOf } from '../../../common/portable.js';
import { textOf } from '../../events/listen.command.js';
import { printable, printableLines } from '../../output/index.js';
import { HistoryFile } from '../history/index.js';
import type { Shell } from '../shell.js';

interface Surroundings {
  readonly history: HistoryFile;
  /** One line above what is being typed. */
  readonly tell: (line: string) => void;
  readonly write: (text: string) => void;
}

const WORD = /^(\.?)(notify|history|clear)(?:\s+([^|;&<>$(){}]*))?$/;
/** A mask in quotes is that mask, as everywhere else. */
const unquoted = (word: string): string => word.replace(/^(['"])(.*)\1$/, '$2');
const CLEAR = '\x1b[H\x1b[2J';
const USUAL_LINES = 50;
/** Masks that are told of at a time. */
const MAX_MASKS = 20;
/** Events in a second that are told of; of the others only the number. */
const MAX_A_SECOND = 20;

/** What only somebody at a terminal has a use for: `notify`, `history`, `clear`. */
export class OwnWords {
  readonly #told = new Map<string, Subscription>();
  #count = 0;
  #second = 0;

  constructor(
    private readonly shell: Shell,
    private readonly around: Surroundings,
  ) {}

  /** @returns false for a line that is none of these */
  async run(line: string): Promise<boolean> {
    const [, dot, word, rest = ''] = WORD.exec(line) ?? [];
    if (word === undefined || (dot === '' && this.#isTaken(word))) return false;
    const words = rest
      .split(/\s+/)
      .map(unquoted)
      .filter((one) => one !== '');
    if (word === 'history') this.#list(words);
    else if (word === 'clear') this.around.write(CLEAR);
    else await this.#notify(words);
    return true;
  }

  close(): void {
    for (const subscription of this.#told.values()) subscription.close();
    this.#told.clear();
  }

  /** A name of the server goes before a word of ours. */
  #isTaken(word: string): boolean {
    const { namespace } = this.shell.place;
    return namespace.children.has(word) || namespace.commands.has(word);
  }

  #list([count = String(USUAL_LINES)]: readonly string[]): void {
    const { lines } = this.around.history;
    const wanted = /^\d{1,6}$/.test(count) ? Number(count) : USUAL_LINES;
    const shown = wanted === 0 ? [] : lines.slice(-wanted);
    this.around.write(shown.map((line) => `${printableLines(line)}\n`).join(''));
  }

  /** Without a mask those that are told of; `off` ends one or all. */
  async #notify(words: readonly string[]): Promise<void> {
    const { tell } = this.around;
    const [first, ...masks] = words;
    if (first === undefined) {
      const all = [...this.#told.keys()];
      tell(all.length === 0 ? 'Nothing is told of: notify MASK' : all.join(' '));
      return;
    }
    if (first === 'off') {
      for (const mask of masks.length === 0 ? [...this.#told.keys()] : masks) this.#end(mask);
      return;
    }
    for (const mask of words) {
      if (this.#told.has(mask)) continue;
      if (this.#told.size >= MAX_MASKS) {
        tell(`No more than ${MAX_MASKS} masks: notify off MASK ends one`);
        return;
      }
      await this.#begin(mask);
    }
  }

  async #begin(mask: string): Promise<void> {
    const { tell } = this.around;
    const subscription = this.shell.session.client.events.on(
      mask,
      (event) =>
        this.#onEvent(this.shell.plugins.noticeOf(event) ?? textOf({ kind: 'event', event })),
      { onGap: ({ since, cursor }) => tell(textOf({ kind: 'gap', since, cursor })) },
    );
    try {
      await subscription.ready;
      this.#told.set(mask, subscription);
    } catch (error) {
      subscription.close();
      tell(`${mask}: ${printable(messageOf(error))}`);
    }
  }

  #end(mask: string): void {
    this.#told.get(mask)?.close();
    this.#told.delete(mask);
  }

  /** A flood would leave nobody the time to type `notify off`. */
  #onEvent(text: string): void {
    const second = Math.floor(performance.now() / 1_000);
    if (second !== this.#second) {
      const missed = this.#count - MAX_A_SECOND;
      if (missed > 0) this.around.tell(`… and ${missed} more events`);
      this.#second = second;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count <= MAX_A_SECOND) this.around.tell(text);
  }
}
