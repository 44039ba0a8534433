import { Writable } from 'node:stream';

/** A stream whose lines go above what is being typed, each when it is whole. */
export class NoticeStream extends Writable {
  readonly isTTY = true;
  #rest = '';

  constructor(
    private readonly target: { readonly columns?: number },
    private readonly print: (text: string) => void,
  ) {
    super({ decodeStrings: false });
  }

  get columns(): number {
    return this.target.columns ?? 0;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.#rest += chunk.toString();
    const end = this.#rest.lastIndexOf('\n') + 1;
    if (end > 0) this.print(this.#rest.slice(0, end));
    this.#rest = this.#rest.slice(end);
    done();
  }
}
