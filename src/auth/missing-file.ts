/**
 * For `readFile(...).catch(emptyIfMissing)`: a file that is not there is empty, one that cannot be
 * read is an error. To take the second for the first would answer a correct login "wrong password".
 */
export function emptyIfMissing(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
  throw error;
}
