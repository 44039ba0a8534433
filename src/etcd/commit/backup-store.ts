import { createHmac, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isCode } from './commit-failure.js';

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const KEY_BYTES = 32;

/**
 * Contents by their digest, in a folder of the state that only root may enter. A digest is made with a
 * key of this machine: it tells nobody who lacks the key whether a content is the one he guesses.
 */
export class BackupStore {
  readonly #sizes = new Map<string, number>();
  #total = 0;

  private constructor(
    private readonly folder: string,
    private readonly key: Buffer,
  ) {}

  static async open(stateDirectory: string): Promise<BackupStore> {
    const folder = join(stateDirectory, 'backups');
    await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
    const store = new BackupStore(folder, await keyOf(join(stateDirectory, 'key')));
    await store.#read();
    return store;
  }

  /** Bytes of all that is kept. */
  get total(): number {
    return this.#total;
  }

  digestOf(content: Uint8Array): string {
    return createHmac('sha256', this.key).update(content).digest('hex');
  }

  has(digest: string): boolean {
    return this.#sizes.has(digest);
  }

  /** Keeps a content; it is on the disk when this returns. */
  async put(content: Uint8Array): Promise<string> {
    const digest = this.digestOf(content);
    if (this.has(digest)) return digest;
    const place = join(this.folder, digest);
    const temp = `${place}.tmp`;
    const handle = await open(temp, 'w', PRIVATE_FILE);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } catch (error) {
      await unlink(temp).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
    await rename(temp, place);
    await syncFolder(this.folder);
    this.#sizes.set(digest, content.length);
    this.#total += content.length;
    return digest;
  }

  /** Null when it is not kept any more, or is no longer what it was. */
  async get(digest: string): Promise<Buffer | null> {
    const content = await readFile(join(this.folder, digest)).catch(() => null);
    return content !== null && this.digestOf(content) === digest ? content : null;
  }

  async drop(digest: string): Promise<void> {
    await unlink(join(this.folder, digest)).catch(() => undefined);
    this.#total -= this.#sizes.get(digest) ?? 0;
    this.#sizes.delete(digest);
  }

  /** Lets go of all that nobody names. */
  async keepOnly(named: ReadonlySet<string>): Promise<void> {
    for (const digest of [...this.#sizes.keys()]) if (!named.has(digest)) await this.drop(digest);
  }

  async #read(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (!/^[0-9a-f]{64}$/.test(name)) {
        await unlink(join(this.folder, name)).catch(() => undefined); // half of one
        continue;
      }
      const { size } = await stat(join(this.folder, name));
      this.#sizes.set(name, size);
      this.#total += size;
    }
  }
}

async function keyOf(file: string): Promise<Buffer> {
  try {
    const key = await readFile(file);
    if (key.length === KEY_BYTES) return key;
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
  const key = randomBytes(KEY_BYTES);
  const handle = await open(`${file}.tmp`, 'w', PRIVATE_FILE);
  try {
    await handle.writeFile(key);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.tmp`, file);
  return key;
}

/** Makes names in a folder last. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
