/** Where the lines of the log go, each of them whole and with its line break. */
export interface LogDestination {
  write(line: string): void;
  /** A log that is kept in a file goes on in the file that is at the path now. */
  reopen(): void;
  /** What could not be written until now is tried for the last time: the process ends. */
  flushSync(): void;
}

/** Says what is wrong with the log itself where somebody may still see it. */
export type TellTrouble = (message: string) => void;
