import type { EtcdEvents, GenerationReason } from '../model/index.js';

/** Between two events of one generation; what happens in between is passed over. */
const PAUSE_MS = 100;

/** Tells the task that asked for a generation how far it has come; of other generations nobody is told. */
export class Progress {
  #done = 0;
  #stage: 'render' | 'commit' = 'render';
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly events: EtcdEvents,
    private readonly reason: GenerationReason,
    private readonly total: number,
  ) {}

  rendering(name: string): void {
    this.#tell('render', name);
  }

  committing(name: string): void {
    this.#tell('commit', name);
  }

  #tell(stage: 'render' | 'commit', name: string): void {
    const isFirst = stage !== this.#stage || this.#done === 0;
    this.#done = stage === this.#stage ? this.#done + 1 : 1;
    this.#stage = stage;
    if (!this.reason.startsWith('task:')) return;
    const now = performance.now();
    if (!isFirst && now - this.#toldAtMs < PAUSE_MS) return;
    this.#toldAtMs = now;
    const { reason, total } = this;
    const done = Math.min(this.#done, total);
    this.events.emit('etcd.generation_progress', { reason, stage, name, done, total });
  }
}
