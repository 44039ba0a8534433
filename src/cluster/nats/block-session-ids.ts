import { coded, messageOf } from '../../common/index.js';
import type { Logger } from '../../sdk/index.js';
import { SessionIds, type SharedCounter } from '../session-ids.js';

const COUNTER = 'cluster.sessions';
const BLOCK = 1_000;
/** So many left, and the next block is fetched. */
const AHEAD = BLOCK / 2;

/** Numbers that are this node's own, from `next` to `last`. */
interface Block {
  next: number;
  readonly last: number;
}

/** By blocks of a counter in the datastore: a login waits for none, for the next one is fetched ahead. */
export class BlockSessionIds extends SessionIds {
  #counter: SharedCounter | null = null;
  #block: Block = { next: 1, last: 0 };
  #ahead: Block | null = null;
  #isFetching = false;

  constructor(private readonly logger: Logger) {
    super();
  }

  async begin(highest: number, counter: SharedCounter): Promise<void> {
    this.#counter = counter;
    let by = BLOCK;
    let last = await counter.increment(COUNTER, by);
    while (last - BLOCK < highest) {
      by = Math.max(BLOCK, highest + BLOCK - last); // the store has sessions of before it had nodes
      last = await counter.increment(COUNTER, by);
    }
    this.#block = blockTo(last);
  }

  next(): number {
    if (this.#block.next > this.#block.last && this.#ahead !== null) {
      this.#block = this.#ahead;
      this.#ahead = null;
    }
    const { next, last } = this.#block;
    if (last - next < AHEAD) void this.#fetch();
    if (next > last) throw coded('NO_SESSION_NUMBER');
    this.#block.next += 1;
    return next;
  }

  async #fetch(): Promise<void> {
    if (this.#counter === null || this.#ahead !== null || this.#isFetching) return;
    this.#isFetching = true;
    try {
      this.#ahead = blockTo(await this.#counter.increment(COUNTER, BLOCK));
    } catch (error) {
      this.logger.warn(`Numbers of sessions are running out: ${messageOf(error)}`);
    } finally {
      this.#isFetching = false;
    }
  }
}

function blockTo(last: number): Block {
  return { next: last - BLOCK + 1, last };
}
