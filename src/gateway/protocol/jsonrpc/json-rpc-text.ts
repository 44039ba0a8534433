import {
  type ErrorKey,
  keyOf,
  type RpcException,
  stringifyExtended,
} from '../../../common/index.js';

/** Error codes that JSON-RPC 2.0 defines itself (section 5.1). */
const OWN_CODES: Partial<Record<ErrorKey, number>> = {
  REQUEST_NOT_JSON: -32_700,
  INVALID_REQUEST: -32_600,
  BATCH_TOO_LARGE: -32_600,
  INVALID_FUNCTION_PATH: -32_601,
  SERVICE_NOT_FOUND: -32_601,
  METHOD_NOT_FOUND: -32_601,
  MALFORMED_REQUEST: -32_602,
  ARGUMENTS_INVALID: -32_602,
  ARGUMENTS_NOT_NAMED: -32_602,
  NUMBER_TOO_LARGE: -32_602,
  INTEGER_NOT_EXACT: -32_602,
  INTERNAL: -32_603,
  RESULT_INVALID: -32_603,
};
/** The first of the codes that are left to servers: everything that JSON-RPC has no code for. */
const SERVER_ERROR = -32_000;

/** What a request may carry as its id. */
export type RequestId = string | number | null;

/** @param json - text of the result */
export function resultText(id: RequestId, json: string): string {
  return `{"jsonrpc":"2.0","result":${json},"id":${JSON.stringify(id)}}`;
}

export function errorText(id: RequestId, error: RpcException): string {
  const { message, ...data } = error.toWire();
  const key = keyOf(error);
  const code = (key === null ? undefined : OWN_CODES[key]) ?? SERVER_ERROR;
  return `{"jsonrpc":"2.0","error":${bodyText({ code, message, data })},"id":${JSON.stringify(id)}}`;
}

/** @param json - text of `{name, args, cursor}` */
export function eventNotification(json: string): string {
  return `{"jsonrpc":"2.0","method":"event","params":${json}}`;
}

export function logoutNotification(reason: string): string {
  return `{"jsonrpc":"2.0","method":"logout","params":${JSON.stringify({ reason })}}`;
}

interface ErrorBody {
  readonly code: number;
  readonly message: string;
  readonly data: { readonly code: number; readonly name: string; readonly extra?: unknown };
}

function bodyText({ code, message, data }: ErrorBody): string {
  try {
    return stringifyExtended({ code, message, data });
  } catch {
    // an `extra` without a JSON form must not cost the caller its answer
    return JSON.stringify({ code, message, data: { code: data.code, name: data.name } });
  }
}
