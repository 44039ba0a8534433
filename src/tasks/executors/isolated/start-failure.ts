/** What the system says when it has nothing left to start a process with: it passes. */
const SHORTAGES = new Map([
  ['EMFILE', 'the server has no file descriptor left'],
  ['ENFILE', 'the system has no file descriptor left'],
  ['EAGAIN', 'the system allows no further process'],
  ['ENOMEM', 'no memory is left'],
]);

/** Why a process could not be started, as half a sentence. */
export function startFailure(error: Error): string {
  const shortage = SHORTAGES.get((error as NodeJS.ErrnoException).code ?? '');
  return shortage === undefined ? error.message : `${error.message} (${shortage})`;
}
