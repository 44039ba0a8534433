import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { onAbort } from 'dispatcher';
import { OutputTail } from './output-tail.js';

/** Between the request to end and the end by force. */
const KILL_AFTER_MS = 2_000;
/** How long the output of a process that has ended is waited for, should others hold it open. */
const DRAIN_MS = 500;
const MAX_OUTPUT_BYTES = 64 * 1024;

export interface CommandSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly input: string;
  readonly timeoutMs: number;
}

export interface CommandExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: OutputTail;
  readonly errorOutput: OutputTail;
  readonly isTimedOut: boolean;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Runs a program in a process group of its own and waits for its end. What is left of the group by
 * then ends with it; a process that has left the group, as a daemon does, is out of reach.
 *
 * @throws (rejects with) the system's error when it cannot be started
 */
export async function runCommand(spec: CommandSpec, signal: AbortSignal): Promise<CommandExit> {
  signal.throwIfAborted();
  const child = spawn(spec.command, [...spec.args], {
    cwd: spec.directory,
    // Node adds this one of the server's own to any other list, unless it is there
    env: { NODE_V8_COVERAGE: undefined, ...Object.fromEntries(spec.environment) },
    detached: true, // the leader of a new process group
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = collect(child.stdout);
  const errorOutput = collect(child.stderr);
  const group = new ProcessGroup(child);
  let isTimedOut = false;
  const timer = setTimeout(() => {
    isTimedOut = true;
    group.end();
  }, spec.timeoutMs);
  const forget = onAbort(signal, () => group.end());
  process.once('exit', group.kill); // the process that runs the task is about to go
  try {
    child.stdin.on('error', () => undefined); // it need not read its input
    child.stdin.end(spec.input);
    const closed = once(child, 'close').catch(() => undefined);
    const [code, endedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    group.kill();
    await Promise.race([closed, drained()]);
    return { code, signal: endedBy, output, errorOutput, isTimedOut };
  } finally {
    clearTimeout(timer);
    forget();
    process.off('exit', group.kill);
    group.forget();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function collect(stream: Readable): OutputTail {
  const tail = new OutputTail(MAX_OUTPUT_BYTES);
  stream.on('data', (chunk: Buffer) => tail.add(chunk));
  return tail;
}

function drained(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, DRAIN_MS).unref());
}

class ProcessGroup {
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly child: Child) {}

  /** Asks all processes to end, then makes them. */
  end(): void {
    this.#signal('SIGTERM');
    this.#timer ??= setTimeout(this.kill, KILL_AFTER_MS);
  }

  readonly kill = (): void => this.#signal('SIGKILL');

  forget(): void {
    clearTimeout(this.#timer);
  }

  #signal(name: NodeJS.Signals): void {
    const { pid } = this.child;
    if (pid === undefined) return; // it was never started
    try {
      process.kill(-pid, name);
    } catch {
      // nobody is left
    }
  }
}
