/** With what the programs of the product end, so that scripts can tell why one failed. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  unreachable: 4,
  timedOut: 5,
  aborted: 6,
  /** `plan`, `verify` and `check` found differences or problems. */
  problems: 7,
  interrupted: 130,
  brokenPipe: 141,
} as const;
