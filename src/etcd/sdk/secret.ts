/** For whoever prints it to look at it; a file that held this would be wrong. */
const SHOWN = '<hidden>';
const INSPECT = Symbol.for('nodejs.util.inspect.custom');
const BRAND = Symbol.for('dispatcher.etcd.secret');

/**
 * A password as renderers get it: closed. {@link FileRenderer.reveal} and the filter `reveal` open it, which
 * makes the file a sensitive one.
 */
export class Secret {
  readonly [BRAND] = true;

  /** @internal */
  constructor(readonly reference: number) {}

  /** @throws Error always: a closed password belongs into no text */
  toString(): string {
    throw new Error('A password is closed: open it with reveal');
  }

  /** @throws Error always */
  toJSON(): string {
    return this.toString();
  }

  [INSPECT](): string {
    return SHOWN;
  }
}

export function isSecret(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && BRAND in value;
}
