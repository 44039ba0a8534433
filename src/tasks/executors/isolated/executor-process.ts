import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import type { Readable, Writable } from 'node:stream';
import { isObject, messageOf } from '../../../common/index.js';
import {
  causeOfDeath,
  currentFolder,
  factsOf,
  loaderArguments,
  signalGroup,
} from '../../../system/index.js';
import type { FromExecutor, ToExecutor } from './messages.js';
import type { PoolSettings } from './pool-options.js';
import { endMarked } from './process-group.js';
import { startFailure } from './start-failure.js';
import { markOf } from './task-mark.js';

/** Characters of the end of its output that may tell why it died. */
const LAST_WORDS = 4_096;
const DEATH_FOLLOWS_MS = 500;
/** How long even a process that was killed may wait for a device: what it was told to do is done then. */
const GIVE_UP_MS = 10_000;
/** The channel whose end over there is that of the server here. */
const SERVER_PIPE = 4;

/** What a process tells the one who uses it at the moment. */
export interface ProcessListener {
  onMessage(message: FromExecutor): void;
  onOutput(text: string): void;
  onDeath(reason: string): void;
}

/**
 * One executor process as the server sees it. It leads a process group of its own: a signal to the
 * server's group does not reach it, and what its tasks have started ends with it. Should it die while
 * it has a task, so does what that task has started and what has left the group since.
 *
 * The fifth channel is never written to. A thread over there waits for its end, which comes when
 * the server dies, however that happens.
 */
export class ExecutorProcess {
  /** Resolves with the reason once the process is gone and its output is read. */
  readonly died: Promise<string>;
  listener: ProcessListener | null = null;
  /** It asks to be replaced. */
  onSpent: (reason: string) => void = () => undefined;
  readonly #child: ChildProcess;
  readonly #name = randomBytes(16).toString('hex');
  #epoch: number | null = null;
  /** Leaders of groups that its task has started, with the times by which they are known again. */
  readonly #leaders = new Map<number, number>();
  #wasHeard = false;
  #tellDeath: (reason: string) => void = () => undefined;
  #lastWords = '';
  #reason: string | null = null;
  #isAlive = true;
  #unsent = 0;

  /** @throws Error when the system cannot start it; later failures are its death */
  constructor(private readonly settings: Omit<PoolSettings, 'logger'>) {
    const { entry, execPath, execArgv, maxResidentBytes } = settings;
    this.#child = fork(entry, [String(maxResidentBytes), this.#name], {
      execPath,
      cwd: currentFolder(),
      detached: true,
      serialization: 'json',
      execArgv: [...loaderArguments(), ...execArgv],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
    });
    this.died = new Promise((resolve) => this.#watch(resolve));
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Messages that the process has not taken yet. */
  get unsent(): number {
    return this.#unsent;
  }

  /** What is started from now on belongs to that session; null: no task is there. */
  belongTo(epoch: number | null): void {
    this.#epoch = epoch;
    this.#leaders.clear();
  }

  /** Whether it has said anything since this was asked last. */
  hasBeenHeard(): boolean {
    const wasHeard = this.#wasHeard;
    this.#wasHeard = false;
    return wasHeard;
  }

  send(message: ToExecutor): void {
    if (!this.#isAlive || !this.#child.connected) return;
    this.#unsent += 1;
    this.#child.send(message, () => (this.#unsent -= 1)); // its death tells more than the failure
  }

  /** Ends it: asks the whole group, then makes it. The first reason given is the one told. */
  end(reason: string): void {
    if (this.#reason !== null || !this.#isAlive) return;
    this.#reason = reason;
    const { pid } = this;
    if (pid === null) return;
    const { clock, killAfterMs } = this.settings;
    signalGroup(pid, 'SIGTERM');
    let cancel = clock.after(killAfterMs, () => {
      signalGroup(pid, 'SIGKILL');
      cancel = clock.after(GIVE_UP_MS, () => this.#tellDeath(reason));
    });
    void this.died.then(() => cancel());
  }

  #watch(resolve: (reason: string) => void): void {
    const child = this.#child;
    this.#tellDeath = (reason) => {
      if (!this.#isAlive) return;
      this.#isAlive = false;
      this.#endWhatItStarted();
      // what it wrote last is read in this turn of the event loop
      setImmediate(() => {
        const told = this.#reason ?? reason;
        this.listener?.onDeath(told);
        resolve(told);
      });
    };
    child.once('error', (error) => this.pid === null && this.#tellDeath(startFailure(error)));
    if (this.pid === null) return; // without a descriptor there are not even streams
    child.on('message', (message: unknown) => this.#receive(message));
    child.once('disconnect', () => {
      // Every death begins like that: only one that does not follow is the task's doing
      const cancel = this.settings.clock.after(DEATH_FOLLOWS_MS, () =>
        this.end('it closed its connection to the server'),
      );
      void this.died.then(cancel);
    });
    this.#follow(child.stdout);
    this.#follow(child.stderr);
    this.#ignoreErrors(child.stdio[SERVER_PIPE]);
    child.once('exit', (code, signal) =>
      setImmediate(() =>
        this.#tellDeath(causeOfDeath({ code, signal, lastWords: this.#lastWords })),
      ),
    );
  }

  #endWhatItStarted(): void {
    if (this.pid === null) return;
    signalGroup(this.pid, 'SIGKILL');
    if (this.#epoch === null) return;
    for (const [pid, startedAt] of this.#leaders) {
      // one that has ended may have left its group behind; another process may have got its number
      if ((factsOf(pid)?.startedAt ?? startedAt) === startedAt) signalGroup(pid, 'SIGKILL');
    }
    endMarked(markOf(this.#name, this.#epoch));
  }

  /** A task can say what it likes: only what descends from the process is believed to be its own. */
  #noteStarted({ session, pid }: { readonly session: number; readonly pid: number }): void {
    const facts = session === this.#epoch ? factsOf(pid) : null;
    if (facts !== null && facts.parent === this.pid) this.#leaders.set(pid, facts.startedAt);
  }

  #receive(message: unknown): void {
    if (!isObject(message) || !('kind' in message)) return; // a task's own process.send
    this.#wasHeard = true;
    const known = message as unknown as FromExecutor;
    if (known.kind === 'dying') this.#reason ??= known.reason;
    else if (known.kind === 'spent') this.onSpent(known.reason);
    else if (known.kind === 'started') this.#noteStarted(known);
    else this.#hand(known);
  }

  #ignoreErrors(stream: Readable | Writable | null | undefined): void {
    stream?.on('error', () => undefined);
  }

  /** A task can send on the channel what it likes: what makes no sense costs only itself. */
  #hand(message: FromExecutor): void {
    try {
      this.listener?.onMessage(message);
    } catch (error) {
      this.end(`it sent what makes no sense: ${messageOf(error)}`);
    }
  }

  #follow(stream: Readable | null | undefined): void {
    const decoder = new StringDecoder('utf8');
    stream?.on('data', (chunk: Buffer) => {
      const text = decoder.write(chunk);
      this.#lastWords = (this.#lastWords + text.slice(-LAST_WORDS)).slice(-LAST_WORDS);
      this.listener?.onOutput(text);
    });
    this.#ignoreErrors(stream);
  }
}
