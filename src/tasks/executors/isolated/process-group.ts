/** Signals the group that a process leads; it may be gone. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    // eslint-disable-next-line no-restricted-syntax -- not this process: a child object cannot signal its group
    process.kill(-leader, signal);
  } catch {
    // nobody is left
  }
}
