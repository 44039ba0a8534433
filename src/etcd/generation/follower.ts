import { messageOf } from '../../common/index.js';
import type { Logger } from '../../sdk/index.js';
import type { Change, DispatcherConnection } from '../link/index.js';
import { Debouncer, type DebounceTimes } from './debouncer.js';
import type { Generator } from './generator.js';

export interface FollowerPorts {
  readonly generator: Generator;
  readonly connection: DispatcherConnection;
  readonly debounce: DebounceTimes;
  readonly logger: Logger;
  /** The groups that are kept in the dispatcher have changed. */
  readonly onGroupsChanged: () => void;
}

const GROUPS_COLLECTION = 'etcd.groups';

/** Has files generated again when what they were made of changes. */
export class Follower {
  readonly #debouncer: Debouncer;
  #isPaused = false;

  constructor(private readonly ports: FollowerPorts) {
    this.#debouncer = new Debouncer(ports.debounce, (names) => void this.#generate(names));
  }

  /** Begins to listen. Whatever changes after that is not missed. */
  async start(): Promise<void> {
    const { connection, generator } = this.ports;
    const listener = (change: Change): void => this.#onChange(change);
    const watch = (): void => {
      const masks = generator.dependencies.masks(generator.catalog.targets.values());
      connection.watchEvents(masks, listener);
    };
    generator.onGenerated = watch;
    await connection.onChange(listener);
    watch();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Changes are let pass until {@link resume}; calls are answered as ever. */
  pause(): void {
    this.#isPaused = true;
  }

  /** From now on files follow again; what was let pass is caught up with. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#onChange({ kind: 'gap' });
  }

  close(): void {
    this.#debouncer.close();
  }

  #onChange(change: Change): void {
    if (this.#isPaused) return;
    const { generator } = this.ports;
    const isGroups = change.kind === 'collection' && change.name === GROUPS_COLLECTION;
    if (isGroups || change.kind === 'gap') this.ports.onGroupsChanged();
    this.#debouncer.add(
      generator.dependencies.affected(change, generator.catalog.targets.values()),
    );
  }

  async #generate(names: readonly string[]): Promise<void> {
    const { generator, logger } = this.ports;
    try {
      const known = names.filter((name) => generator.catalog.targets.has(name));
      await generator.generate({ names: known }, 'event');
    } catch (error) {
      logger.error(`Files that should follow a change were not generated: ${messageOf(error)}`);
    }
  }
}
