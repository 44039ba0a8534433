import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../../exit-status.js';

const SERVER = join(fileURLToPath(import.meta.url), '../../../../main.js');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A server in a process of its own, which ends with this one. */
export class DevServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly consoleUrl: string,
  ) {}

  /** @throws Error when it ends before it is ready; it has said why */
  static async start(configurationFile: string, stateDirectory: string): Promise<DevServer> {
    const child = spawn(process.execPath, [SERVER, '-c', configurationFile], {
      env: { ...process.env, STATE_DIRECTORY: stateDirectory },
      // a group of its own, so that ^C in a terminal reaches it through this process alone
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    process.once('exit', () => child.kill('SIGKILL'));
    const lines = createInterface({ input: child.stdout });
    const ready = await Promise.race([
      once(lines, 'line').then(([line]) => String(line)),
      once(child, 'exit').then(() => null),
    ]);
    if (ready === null) throw new Error('The server did not start');
    const [url = ''] = /wss?:\/\/\S+/.exec(ready) ?? [];
    const [consoleUrl = ''] = /https?:\/\/[^\s)]+/.exec(ready) ?? [];
    return new DevServer(child, url, consoleUrl);
  }

  /** Resolves at a signal, or when the server has ended by itself. */
  async ended(): Promise<number> {
    const stop = new AbortController();
    const { signal } = stop;
    const interrupted = Promise.race(SIGNALS.map((name) => once(process, name, { signal })));
    try {
      return await Promise.race([
        interrupted.then(() => EXIT.done),
        once(this.child, 'exit', { signal }).then(() => EXIT.failed),
      ]);
    } finally {
      stop.abort();
      interrupted.catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
  }
}
