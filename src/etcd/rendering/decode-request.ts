import { decodeExtended, isRecord } from '../../common/index.js';
import type { DataRequest } from '../worker/index.js';

/**
 * What the process that renders asks for: it is not trusted to have kept to the form.
 *
 * @throws Error for anything that is no request
 */
export function decodeRequest(text: string): DataRequest {
  const request = decodeExtended(JSON.parse(text));
  if (isRecord(request)) {
    const { call, query, config, reveal } = request;
    if (typeof reveal === 'number') return { reveal };
    if (typeof config === 'string') return { config };
    if (isNamed(call)) return { call };
    if (isNamed(query)) return { query: [query[0], query[1], query[2]] };
  }
  throw new Error('That is nothing a renderer can ask for');
}

function isNamed(value: unknown): value is [string, ...unknown[]] {
  return Array.isArray(value) && typeof value[0] === 'string' && value[0] !== '';
}
