import { coded } from '../../common/index.js';
import type { TaskStore } from '../store/task-store.js';
import type { Submission } from './submission.js';

type Claimed = NonNullable<Submission['idempotency']>;

interface UnderWay {
  readonly digest: string;
  readonly id: Promise<number>;
}

/** Finds the task that a key stands for, or lets one submit make it while others wait for that. */
export class IdempotencyKeys {
  readonly #underWay = new Map<string, UnderWay>();

  constructor(private readonly taskStore: TaskStore) {}

  /**
   * The id of the task under the key, which `submit` makes when there is none.
   *
   * @throws (rejects with) RpcException EEXIST when the key stands for something else; what `submit`
   *   rejects with
   */
  async once(claimed: Claimed, submit: () => Promise<number>): Promise<number> {
    const present = this.#underWay.get(claimed.key);
    if (present !== undefined) return same(claimed, present.digest, await present.id);
    const id = this.#findOrSubmit(claimed, submit);
    this.#underWay.set(claimed.key, { digest: claimed.digest, id });
    try {
      return await id;
    } finally {
      this.#underWay.delete(claimed.key);
    }
  }

  async #findOrSubmit(claimed: Claimed, submit: () => Promise<number>): Promise<number> {
    const row = claimed.isFresh === true ? null : await this.taskStore.findByKey(claimed.key);
    return row === null ? submit() : same(claimed, row.idempotency_digest, row.id);
  }
}

function same({ digest, shown }: Claimed, other: string | null, id: number): number {
  if (digest === other) return id;
  throw coded('TASK_KEY_IN_USE', { key: shown, id });
}
