import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { kill } from 'node:process';
import type { Readable } from 'node:stream';

/** Where programs are looked for: nothing of the environment of this process reaches them. */
export const PROGRAM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** How long the output of a program that has ended is waited for, should others hold it open. */
const DRAIN_MS = 200;

export interface CommandBounds {
  readonly timeoutMs: number;
  /** Of what it prints, the end is kept. */
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal;
}

export type CommandExit =
  | {
      readonly kind: 'ended';
      readonly code: number | null;
      readonly signal: string | null;
      readonly output: string;
    }
  | { readonly kind: 'timed-out'; readonly output: string }
  /** It is not there or may not be run. */
  | { readonly kind: 'not-started'; readonly code: string };

type Child = ChildProcessByStdio<null, Readable, Readable>;

/**
 * Runs a program by its argv, without a shell, with an empty environment and nothing to read, in a
 * process group of its own. What is left of the group ends with it, and all of it at the limit.
 */
export async function runBounded(
  [program = '', ...args]: readonly string[],
  bounds: CommandBounds,
): Promise<CommandExit> {
  if (bounds.signal?.aborted === true) return { kind: 'timed-out', output: '' };
  let child: Child;
  try {
    child = spawn(program, args, {
      cwd: '/',
      // Node adds this one of the process's own to any other list, unless it is there
      env: { PATH: PROGRAM_PATH, NODE_V8_COVERAGE: undefined },
      detached: true, // the leader of a new process group
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    return { kind: 'not-started', code: (error as NodeJS.ErrnoException).code ?? 'EINVAL' };
  }
  return follow(child, bounds);
}

async function follow(child: Child, bounds: CommandBounds): Promise<CommandExit> {
  const tail = new Tail(bounds.maxOutputBytes);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => tail.add(chunk));
    stream.on('error', () => undefined);
  }
  const limit = { isPassed: false };
  const end = (): void => {
    limit.isPassed = true;
    killGroup(child);
  };
  const timer = setTimeout(end, bounds.timeoutMs);
  bounds.signal?.addEventListener('abort', end, { once: true });
  const closed = once(child, 'close').catch(() => undefined);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    killGroup(child);
    await within(closed, DRAIN_MS);
    const output = tail.toString();
    return limit.isPassed ? { kind: 'timed-out', output } : { kind: 'ended', code, signal, output };
  } catch (error) {
    return { kind: 'not-started', code: (error as NodeJS.ErrnoException).code ?? 'EIO' };
  } finally {
    clearTimeout(timer);
    bounds.signal?.removeEventListener('abort', end);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function killGroup({ pid }: Child): void {
  if (pid === undefined) return;
  try {
    kill(-pid, 'SIGKILL');
  } catch {
    // nobody is left
  }
}

async function within(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise, limit]);
  clearTimeout(timer);
}

/** The last bytes of what comes, however much that is. */
class Tail {
  #bytes: Buffer = Buffer.alloc(0);

  constructor(private readonly maxBytes: number) {}

  add(chunk: Buffer): void {
    const all = Buffer.concat([this.#bytes, chunk]);
    this.#bytes = all.subarray(Math.max(0, all.length - this.maxBytes));
  }

  toString(): string {
    return this.#bytes.toString('utf8');
  }
}
