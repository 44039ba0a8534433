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
    const { child, directory } = await launch(settings);
    const log: string[] = [];
    createInterface({ input: child.stderr! }).on('line', (line) => log.push(line));
    const readyLine = await firstLine(child, log);
    const url = /wss?:\/\/\S+/.exec(readyLine)?.[0] ?? '';
    return new ServerProcess(child, url, readyLine, directory, log);
  }

  /** Runs a server that is not to come up to its end. */
  static async fail(
    settings: ServerSettings,
    meanwhile: (child: ChildProcess) => void = () => undefined,
  ): Promise<FailedStart> {
    const { child, directory } = await launch(settings);
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

async function launch(
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

async function firstLine(child: ChildProcess, log: readonly string[]): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  const exited = once(child, 'exit').then(() => {
    throw new Error(`The server ended before it was ready: ${log.join('\n')}`);
  });
  const [line] = (await Promise.race([once(lines, 'line'), exited])) as [string];
  exited.catch(() => undefined);
  return line;
}
