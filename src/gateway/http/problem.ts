import { STATUS_CODES } from 'node:http';
import {
  Errno,
  type ErrorKey,
  errnoName,
  HTTP_STATUS,
  keyOf,
  type RpcException,
  stringifyWithin,
} from '../../common/index.js';

/** An error as RFC 9457 has it, with what a frame would have said beside it. */
export interface Problem {
  readonly status: number;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly more?: Readonly<Record<string, unknown>>;
}

const STATUS: ReadonlyMap<number, number> = new Map([
  ...HTTP_STATUS,
  [Errno.ECANCELED, 409],
  [Errno.ECONNABORTED, 502],
]);

/** More can be said of these than their number does: who is asking, and that the same call may do later. */
const SPECIAL: ReadonlyMap<ErrorKey | null, Pick<Problem, 'status' | 'headers'>> = new Map([
  ['NOT_LOGGED_IN', { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } }],
  ['BAD_TOKEN', { status: 401, headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } }],
  ['LOGIN_ENDED', { status: 401, headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } }],
  ['TOO_MANY_REQUESTS', { status: 429, headers: { 'Retry-After': '1' } }],
  ['SERVICE_UNAVAILABLE', { status: 503, headers: { 'Retry-After': '1' } }],
  ['SERVICE_OVERLOADED', { status: 503, headers: { 'Retry-After': '1' } }],
  ['LOGINS_THROTTLED', { status: 429 }],
  ['SERVER_STOPPING', { status: 503 }],
  ['TASKS_STOPPING', { status: 503 }],
]);

/** What is more in an error than a person or program will look at. */
const MAX_PROBLEM_BYTES = 4_194_304;

/** What a failed call is answered with. */
export function problemOf(error: RpcException): Problem {
  const { code, message } = error;
  const { extra } = error.toWire();
  const more = { code, name: errnoName(code), ...(extra === undefined ? {} : { extra }) };
  const special = SPECIAL.get(keyOf(error));
  return { status: STATUS.get(code) ?? 500, detail: message, more, ...special };
}

/** The document of a problem. */
export function problemText({ status, detail, more = {} }: Problem): string {
  const head = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail };
  try {
    return `${stringifyWithin({ ...head, ...more }, MAX_PROBLEM_BYTES, () => new RangeError())}\n`;
  } catch {
    // an `extra` without a JSON form, or without an end, must not cost the caller its answer
    return `${JSON.stringify(head)}\n`;
  }
}
