import { fail, shortened } from './query-error.js';

/** The keys and array indexes that lead to a value, outermost first. */
export type FieldPath = readonly string[];

const MAX_SEGMENTS = 32;
const MAX_PATH_LENGTH = 1_024;
const INDEX = /^(?:0|[1-9]\d*)$/;

/**
 * The segments of a dotted path; a backslash takes the next character as it is.
 * `parseFieldPath('a\\.b.0') // ['a.b', '0']`
 *
 * @throws RpcException EINVAL for an empty path or segment, and for a path that is too long
 */
export function parseFieldPath(text: unknown, at: readonly (string | number)[] = []): FieldPath {
  if (typeof text !== 'string') throw fail(at, 'expected the name of a field');
  if (text.length > MAX_PATH_LENGTH) {
    throw fail(at, `a field path has at most ${MAX_PATH_LENGTH} characters`);
  }
  const segments = text.includes('\\') ? splitEscaped(text) : text.split('.');
  if (segments.includes(''))
    throw fail(at, `'${shortened(text)}' is not a field path: a segment is empty`);
  if (segments.length > MAX_SEGMENTS) {
    throw fail(at, `a field path has at most ${MAX_SEGMENTS} segments`);
  }
  return segments;
}

/** A piece of a path: a dot, or what stands for itself. */
const PIECES = /\.|\\[^]|[^.\\]+|\\$/g;

function splitEscaped(text: string): string[] {
  const segments: string[][] = [[]];
  for (const [piece] of text.matchAll(PIECES)) {
    if (piece === '.') segments.push([]);
    else
      segments.at(-1)?.push(piece.length === 2 && piece.startsWith('\\') ? piece.slice(1) : piece);
  }
  return segments.map((pieces) => pieces.join(''));
}

/** True for a segment that an array reads as an index. */
export function isIndex(segment: string): boolean {
  return INDEX.test(segment);
}

/**
 * The value at a path; null where the path leads nowhere. Own properties only, so a row's prototype
 * stays out of reach; binary data is one value, its bytes have no paths.
 */
export function readField(row: unknown, path: FieldPath): unknown {
  let value = row;
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return null;
    if (Array.isArray(value)) value = INDEX.test(segment) ? value[Number(segment)] : null;
    else if (Object.hasOwn(value, segment)) value = (value as Record<string, unknown>)[segment];
    else return null;
  }
  return value ?? null;
}
