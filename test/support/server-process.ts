import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CONFIGURATION = 'middleware.conf';
const ENTRY = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

export interface ServerSettings {
  readonly dispatcher?: Readonly<Record<string, unknown>>;
  readonly datastore?: Readonly<Record<string, unknown>>;
  readonly etcd?: Readonly<Record<string, unknown>>;
  readonly nodeFlags?: readonly string[];
  /** Where the state lies. It is the caller's, and stays when the server stops. */
  readonly stateDirectory?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What became of a server that could not start. */
export interface FailedStart {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A server that waits for a store which another one has. */
export interface StandbyProcess {
  readonly child: ChildProcess;
  /** The first line that it printed. */
  readonly line: string;
  readonly log: readonly string[];
  /** The server, when it has taken over. */
  isUp(): Promise<ServerProcess>;
}

/** The compiled server in a process of its own, as an operator runs it, on free ports. */
export class ServerProcess {
  private constructor(
    readonly child: ChildProcess,
    readonly url: string,
    readonly readyLine: string,
    readonly directory: string,
    readonly log: string[],
  ) {}

  static async start(settings: ServerSettings = {}): Promise<ServerProcess> {
    const launched = await launch(settings);
    return ServerProcess.#up(launched, await nextLine(launched));
  }

  /** A server that waits for its store: what it says of that, and the same server once it is up. */
  static async standby(settings: ServerSettings): Promise<StandbyProcess> {
    const launched = await launch(settings);
    const { child, log } = launched;
    const line = await nextLine(launched);
    return {
      child,
      log,
      line,
      isUp: async () => {
        let next = await nextLine(launched);
        while (!next.includes(' is ready at ')) next = await nextLine(launched); // waits for another reason
        return ServerProcess.#up(launched, next);
      },
    };
  }

  static #up({ child, directory, log }: Launched, readyLine: string): ServerProcess {
    const url = /wss?:\/\/\S+/.exec(readyLine)?.[0] ?? '';
    return new ServerProcess(child, url, readyLine, directory, log);
  }

  /** Runs a server that is not to come up to its end. */
  static async fail(
    settings: ServerSettings,
    meanwhile: (child: ChildProcess) => void = () => undefined,
  ): Promise<FailedStart> {
    const { child, directory } = await spawned(settings);
    meanwhile(child);
    const output = [text(child.stdout!), text(child.stderr!)] as const;
    const [status] = (await once(child, 'exit')) as [number | null];
    const [stdout, stderr] = await Promise.all(output);
    await rm(directory, { recursive: true, force: true });
    return { status, stdout, stderr };
  }

  get configurationFile(): string {
    return join(this.directory, CONFIGURATION);
  }

  get pid(): number {
    return this.child.pid!;
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Ends the server as an operator would and returns its exit status. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (!this.hasExited) {
      const exited = once(this.child, 'exit');
      this.child.kill(signal);
      await exited;
    }
    await rm(this.directory, { recursive: true, force: true });
    return this.child.exitCode;
  }
}

interface Launched {
  readonly child: ChildProcess;
  readonly directory: string;
  readonly log: string[];
  readonly lines: AsyncIterator<string, undefined>;
}

async function launch(settings: ServerSettings): Promise<Launched> {
  const { child, directory } = await spawned(settings);
  const log: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => log.push(line));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return { child, directory, log, lines };
}

async function spawned(
  settings: ServerSettings,
): Promise<{ readonly child: ChildProcess; readonly directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'dispatcher-test-'));
  const file = join(directory, CONFIGURATION);
  const dispatcher = { 'websocket-port': 0, 'frontend-port': 0, ...settings.dispatcher };
  await writeFile(
    file,
    JSON.stringify({ dispatcher, datastore: settings.datastore, etcd: settings.etcd }),
  );
  const child = spawn(process.execPath, [...(settings.nodeFlags ?? []), ENTRY, '-c', file], {
    env: {
      ...process.env,
      STATE_DIRECTORY: settings.stateDirectory ?? join(directory, 'state'),
      ...settings.env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return { child, directory };
}

async function nextLine({ child, lines, log }: Launched): Promise<string> {
  const exited = once(child, 'exit').then(() => {
    throw new Error(`The server ended before it was ready: ${log.join('\n')}`);
  });
  exited.catch(() => undefined);
  const { value }: IteratorResult<string, undefined> = await Promise.race([lines.next(), exited]);
  return value ?? exited; // it says no more
}
