import { coded, decodeExtended, Errno, RpcException } from '../../common/index.js';

const MAX_CODE = 0xffff;
const MAX_MESSAGE_LENGTH = 4_096;
const MAX_EXTRA_LENGTH = 262_144;

/**
 * The error that a client answered a call with, in the shape that every error has: the code and the
 * message as they are as long as they are a number and a text, `extra` as long as it is no load.
 */
export function readRemoteError(args: unknown): RpcException {
  if (typeof args !== 'object' || args === null) {
    return coded('SERVICE_ANSWER_INVALID', { reason: 'an error without code and message' });
  }
  const { code, message, extra } = args as Readonly<Record<string, unknown>>;
  return new RpcException(
    isCode(code) ? code : Errno.EFAULT,
    typeof message === 'string' ? message.slice(0, MAX_MESSAGE_LENGTH) : 'Unknown error',
    readExtra(extra),
  );
}

function isCode(code: unknown): code is Errno {
  return typeof code === 'number' && Number.isInteger(code) && code > 0 && code <= MAX_CODE;
}

/** Undefined for what is too long or cannot be read: the error itself matters more. */
function readExtra(extra: unknown): unknown {
  if (extra === undefined || extra === null) return undefined;
  try {
    return JSON.stringify(extra).length > MAX_EXTRA_LENGTH ? undefined : decodeExtended(extra);
  } catch {
    return undefined;
  }
}
