import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A server that crashes at every start leaves as many reports, no more. */
const KEPT_REPORTS = 20;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** The folder `crash` in the state folder, with the newest reports. */
export class CrashFolder {
  readonly #path: string;

  constructor(stateDirectory: string) {
    this.#path = join(stateDirectory, 'crash');
  }

  /** Synchronous, for nobody knows how long the process has left. @returns the file */
  add(name: string, report: object): string {
    const file = join(this.#path, name);
    mkdirSync(this.#path, { recursive: true, mode: FOLDER_MODE });
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`, { mode: FILE_MODE });
    for (const old of this.list().slice(0, -KEPT_REPORTS)) rmSync(join(this.#path, old));
    return file;
  }

  /** Names of the reports, oldest first. */
  list(): string[] {
    try {
      return readdirSync(this.#path)
        .filter((name) => name.endsWith('.json'))
        .sort();
    } catch {
      return []; // there was none yet
    }
  }

  read(name: string): Buffer {
    return readFileSync(join(this.#path, name));
  }
}
