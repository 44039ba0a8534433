/** One thing that the server can say. */
export interface ServerMessage {
  /** `info`, `warn`, `error`, `fatal`; `start` for an error that ends the start. */
  readonly level: string;
  readonly text: string;
  readonly file: string;
}

export function serverMessages(): ServerMessage[];
