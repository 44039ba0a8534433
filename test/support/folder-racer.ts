import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the racer exchanges: a place, and what it puts there for a moment. */
interface Exchange {
  readonly place: string;
  /** Prepared; it goes to the place and comes back. */
  readonly decoy: string;
}

export interface RacerOptions {
  /** A folder of the user's, where the script and what was exchanged are kept meanwhile. */
  readonly home: string;
  readonly exchanges: readonly Exchange[];
  /** A folder in which all that comes, hidden or not, is exchanged as well, for the decoy. */
  readonly folder: string;
  readonly decoy: string;
}

const NOBODY = 65_534;

const SCRIPT = `
import { existsSync, readdirSync, renameSync } from 'node:fs';
const { home, exchanges, folder, decoy } = JSON.parse(process.argv[2]);
const kept = home + '/kept';
let count = 0, isRunning = false, spins = 0;
const move = (from, to) => { try { renameSync(from, to); return true; } catch { return false; } };
const wait = (longest) => { const until = performance.now() + Math.random() * longest; while (performance.now() < until) spins += 1; };
function exchange({ place, decoy }) {
  if (!move(place, kept)) return;
  if (move(decoy, place)) { wait(0.3); move(place, decoy); count += 1; }
  if (!move(kept, place)) move(kept, home + '/lost-' + count);
}
function appeared() {
  try { const names = readdirSync(folder); return names[Math.floor(Math.random() * names.length)]; } catch { return undefined; }
}
function turn() {
  if (!isRunning) return;
  for (let i = 0; i < 20; i += 1) {
    exchange(exchanges[Math.floor(Math.random() * exchanges.length)]);
    wait(0.6);
    const name = appeared();
    if (name !== undefined) exchange({ place: folder + '/' + name, decoy });
    wait(0.6);
  }
  process.send({ count });
  setImmediate(turn);
}
process.on('message', (message) => {
  isRunning = message === 'run';
  if (isRunning) turn(); else process.send({ count, isPaused: true });
});
process.send({ count });
`;

/**
 * A local user without any privilege, who exchanges folders for links as fast as he can. Needs root,
 * to become that user.
 */
export class FolderRacer {
  #count = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', ({ count }: { count: number }) => (this.#count = count));
  }

  static async start(options: RacerOptions): Promise<FolderRacer> {
    const script = join(options.home, 'racer.mjs');
    await writeFile(script, SCRIPT, { mode: 0o644 });
    const child = fork(script, [JSON.stringify(options)], {
      uid: NOBODY,
      gid: NOBODY,
      cwd: '/',
      execArgv: [],
      env: {},
    });
    const racer = new FolderRacer(child);
    await once(child, 'message');
    return racer;
  }

  /** Does something again and again until there were so many exchanges meanwhile; gives their number. */
  async during(exchanges: number, rounds: number, act: (round: number) => Promise<void>) {
    const before = this.#count;
    this.child.send('run');
    for (let round = 0; round < rounds || this.#count - before < exchanges; round += 1) {
      await act(round);
    }
    await this.#pause();
    return this.#count - before;
  }

  async end(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  /** Everything is back at its place then. */
  async #pause(): Promise<void> {
    const paused = new Promise<void>((resolve) => {
      const listen = (message: { readonly isPaused?: true }): void => {
        if (message.isPaused !== true) return;
        this.child.off('message', listen);
        resolve();
      };
      this.child.on('message', listen);
    });
    this.child.send('pause');
    await paused;
  }
}
