/** More starts of nodes than a stream holds events of. */
const MAX_STARTS = 1_000;

/**
 * Which event of each start of a node was seen last. Nodes number their events, so that what is sent twice,
 * or read again after the stream was put back, is told apart from what is new.
 */
export class SeenEvents {
  readonly #last = new Map<string, number>();

  /** Number of the latest event of that start that was seen; 0 when none was. */
  last(node: string, boot: string): number {
    return this.#last.get(keyOf(node, boot)) ?? 0;
  }

  note(node: string, boot: string, number: number): void {
    const key = keyOf(node, boot);
    const last = Math.max(number, this.last(node, boot));
    this.#last.delete(key); // the one that was heard of longest ago comes first
    this.#last.set(key, last);
    const [oldest] = this.#last.keys();
    if (this.#last.size > MAX_STARTS && oldest !== undefined) this.#last.delete(oldest);
  }
}

function keyOf(node: string, boot: string): string {
  return `${node}.${boot}`;
}
