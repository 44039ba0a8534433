import { messageOf } from '../../../common/portable.js';

/**
 * What is told of something that code of a plugin has thrown, with its place. That may be anything, also
 * what throws again when it is looked at.
 */
export function reasonOf(error: unknown, locate: (error: unknown) => string | null): string {
  try {
    const place = error instanceof SyntaxError ? null : locate(error);
    return `${messageOf(error)}${place === null ? '' : ` (${place})`}`;
  } catch {
    return 'it threw what nobody can read';
  }
}
