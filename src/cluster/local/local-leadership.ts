import { type Leader, Leadership } from '../leadership.js';

/** The only node leads, from its start to its end; the store's own term guards what it writes. */
export class LocalLeadership extends Leadership {
  readonly leader: Leader;
  readonly term = 1;

  constructor(node: string) {
    super();
    this.leader = { node, term: this.term, since: new Date() };
  }

  isCurrent(): boolean {
    return true;
  }

  guard(): null {
    return null;
  }

  campaign(): Promise<void> {
    return Promise.resolve();
  }

  resign(): Promise<void> {
    return Promise.resolve();
  }

  onChange(): () => void {
    return () => undefined;
  }
}
