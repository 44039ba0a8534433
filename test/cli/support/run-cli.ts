import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const CTL = fileURLToPath(
  new URL('../../../dist/src/cli/dispatcherctl.js', import.meta.url),
);

export const SHELL = fileURLToPath(
  new URL('../../../dist/src/cli/dispatcher-cli.js', import.meta.url),
);

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Of the standard input, which ends then. */
  readonly input?: string;
  /** `dispatcherctl`, or another program of the product. */
  readonly program?: string;
  readonly nodeFlags?: readonly string[];
}

/** What the person who runs the tests has set must not decide anything. */
export const CLEAN_ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:DISPATCHER_|XDG_|NO_COLOR)/.test(name)),
);

/** `dispatcherctl` in a process of its own, without a terminal. */
export function startCli(
  words: readonly string[],
  { env, input, program = CTL, nodeFlags = [] }: CliOptions = {},
): ChildProcess {
  const child = spawn(process.execPath, [...nodeFlags, program, ...words], {
    env: { ...CLEAN_ENVIRONMENT, HOME: '/nonexistent', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined); // it may end without having read
  child.stdin.end(input ?? '');
  return child;
}

export async function endOf(child: ChildProcess): Promise<Ended> {
  const [[status], stdout, stderr] = await Promise.all([
    once(child, 'exit') as Promise<[number | null]>,
    text(child.stdout!),
    text(child.stderr!),
  ]);
  return { status, stdout, stderr };
}

export const runCli = (words: readonly string[], options?: CliOptions): Promise<Ended> =>
  endOf(startCli(words, options));

/** Why there can be no test on a terminal; null where there can. */
export const noTerminal =
  spawnSync('script', ['--version']).status === 0 ? null : 'there is no script(1) of util-linux';

/** The same on a pseudo-terminal of so many columns: what a person sees, the two outputs in one. */
export async function runOnTerminal(
  words: readonly string[],
  { columns = 80, env, type }: CliOptions & { columns?: number; type?: TypedLines } = {},
): Promise<{ readonly status: number | null; readonly screen: string }> {
  const command = [process.execPath, CTL, ...words].map(quoted).join(' ');
  const child = spawn(
    'script',
    ['-qec', `stty cols ${columns} rows 24; exec ${command}`, '/dev/null'],
    {
      env: {
        ...CLEAN_ENVIRONMENT,
        HOME: '/nonexistent',
        TERM: 'xterm',
        SHELL: '/bin/bash',
        ...env,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  let screen = '';
  const pending = [...(type ?? [])];
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
    const [next] = pending;
    if (next === undefined || !screen.includes(next.after)) return;
    pending.shift();
    child.stdin.write(next.keys);
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  return { status, screen };
}

/** What is typed as soon as something is on the screen. */
type TypedLines = readonly { readonly after: string; readonly keys: string }[];

/** A word for a shell of Unix. */
export const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
