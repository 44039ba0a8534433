import { type ChildProcess, fork } from 'node:child_process';
import { isObject } from '../../common/index.js';
import {
  causeOfDeath,
  loaderArguments,
  signalGroup,
  SLOW_HEAP_GROWTH,
} from '../../system/index.js';
import type { FromWorker, ToWorker } from '../worker/index.js';

/** Whom the process runs as; null: as this one. */
export interface RenderUser {
  readonly uid: number;
  readonly gid: number;
}

export interface WorkerProcessOptions {
  readonly entry: string;
  readonly user: RenderUser | null;
  readonly onMessage: (message: FromWorker) => void;
  /** With half a sentence. */
  readonly onDeath: (reason: string) => void;
}

const LAST_WORDS = 4_096;
const MAX_HEAP_MIB = 192;
/** Half of the room for new values: nothing of a job outlives it, so that 16 are only filled with garbage. */
const YOUNG_HEAP_MIB = 4;
const HEAP = [
  SLOW_HEAP_GROWTH,
  `--max-old-space-size=${MAX_HEAP_MIB}`,
  `--max-semi-space-size=${YOUNG_HEAP_MIB}`,
];
/** Nothing of this process's environment may come to renderers. */
const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  NODE_ENV: 'production',
  LANG: 'C.UTF-8',
};

/**
 * The process that renders, as the one that started it sees it: a leader of its group, without rights if this
 * one has any, without a way to write to what this one writes.
 */
export class WorkerProcess {
  readonly #child: ChildProcess;
  #lastWords = '';
  #isAlive = true;

  /** @throws Error when the system cannot start it */
  constructor({ entry, user, onMessage, onDeath }: WorkerProcessOptions) {
    const child = fork(entry, [], {
      cwd: '/',
      detached: true,
      serialization: 'json',
      env: ENVIRONMENT,
      execArgv: [...loaderArguments(), ...HEAP],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...(user !== null && user),
    });
    this.#child = child;
    const die = (reason: string): void => {
      if (!this.#isAlive) return;
      this.#isAlive = false;
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL'); // what it has started
      onDeath(reason);
    };
    child.once('error', (error) => die(error.message));
    child.once('exit', (code, signal) =>
      setImmediate(() => die(causeOfDeath({ code, signal, lastWords: this.#lastWords }))),
    );
    child.once('disconnect', () => this.kill()); // without the channel nobody can talk to it
    child.on('message', (message: unknown) => {
      if (this.#isAlive && isObject(message) && 'kind' in message) onMessage(message as FromWorker);
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
      });
      stream?.on('error', () => undefined);
    }
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  send(message: ToWorker): void {
    if (this.#isAlive && this.#child.connected) this.#child.send(message, () => undefined);
  }

  kill(): void {
    if (this.#child.pid !== undefined) signalGroup(this.#child.pid, 'SIGKILL');
  }
}
