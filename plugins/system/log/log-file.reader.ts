import { type FileHandle, open, stat } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import type { LogBatch } from './log-batch.js';
import type { LogReader } from './log.reader.js';
import { parseSyslogLine } from './syslog-line.js';

const CHUNK_BYTES = 65_536;
/** A file that grows faster than it is read is left for the next time. */
const MAX_CHUNKS = 16;

/** A file that lines are appended to, and that is renamed or emptied when it has grown too long. */
export class LogFileReader implements LogReader {
  readonly source = 'file';
  readonly #buffer = Buffer.alloc(CHUNK_BYTES);
  #decoder = new StringDecoder('utf8');
  #rest = '';

  private constructor(
    readonly place: string,
    private file: FileHandle,
    private inode: number,
    private offset: number,
  ) {}

  /** The first of the files that can be read, from its present end on; null when none can. */
  static async open(paths: readonly string[]): Promise<LogFileReader | null> {
    for (const path of paths) {
      const file = await open(path).catch(() => null);
      if (file === null) continue;
      const { ino, size } = await file.stat();
      return new LogFileReader(path, file, ino, size);
    }
    return null;
  }

  async read(batch: LogBatch): Promise<void> {
    const atPath = await stat(this.place).catch(() => null);
    await this.#drain(batch);
    if (atPath === null || atPath.ino === this.inode) return;
    if (await this.#followRotation()) await this.#drain(batch);
  }

  close(): Promise<void> {
    return this.file.close();
  }

  /** Opens the file that took the place of the old one, which was read to its end. */
  async #followRotation(): Promise<boolean> {
    const file = await open(this.place).catch(() => null);
    // Made, but not yet readable for us: the old one is kept until it is
    if (file === null) return false;
    await this.file.close();
    this.file = file;
    this.inode = (await file.stat()).ino;
    this.#rewind();
    return true;
  }

  async #drain(batch: LogBatch): Promise<void> {
    const { size } = await this.file.stat();
    if (size < this.offset) this.#rewind();
    for (let chunk = 0; chunk < MAX_CHUNKS; chunk += 1) {
      const { bytesRead } = await this.file.read(this.#buffer, 0, CHUNK_BYTES, this.offset);
      if (bytesRead === 0) return;
      this.offset += bytesRead;
      this.#take(this.#decoder.write(this.#buffer.subarray(0, bytesRead)), batch);
    }
  }

  #take(text: string, batch: LogBatch): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    const now = new Date();
    for (const line of lines) {
      if (batch.isFull) batch.drop(1);
      else if (line !== '') batch.add(parseSyslogLine(line, now));
    }
    // A line without an end would be kept for ever
    if (this.#rest.length > CHUNK_BYTES) this.#rest = '';
  }

  #rewind(): void {
    this.offset = 0;
    this.#rest = '';
    this.#decoder = new StringDecoder('utf8');
  }
}
