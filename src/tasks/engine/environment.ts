import { coded, leastLength, stringifyExtended } from '../../common/index.js';

/** Every row of a task holds its environment, and every list of tasks reads the rows. */
const MAX_ENVIRONMENT_BYTES = 262_144;
const MAX_ENVIRONMENT_NAMES = 1_000;
const MAX_KEY_LENGTH = 256;

/**
 * Bounds what comes along with a submit: it is kept as long as the task's row.
 *
 * @throws RpcException EINVAL naming the limit
 */
export function assertEnvironment(environment: Readonly<Record<string, unknown>>): void {
  const { idempotencyKey: key } = environment;
  if (typeof key === 'string' && key.length > MAX_KEY_LENGTH) {
    throw coded('TASK_KEY_TOO_LONG', { limit: MAX_KEY_LENGTH });
  }
  if (Object.keys(environment).length > MAX_ENVIRONMENT_NAMES) {
    throw coded('TASK_ENVIRONMENT_TOO_LARGE', { limit: MAX_ENVIRONMENT_NAMES, what: 'names' });
  }
  if (jsonBytes(environment) > MAX_ENVIRONMENT_BYTES) {
    throw coded('TASK_ENVIRONMENT_TOO_LARGE', { limit: MAX_ENVIRONMENT_BYTES, what: 'bytes' });
  }
}

/** Infinity past the limit: what is far too large is not written out to be measured. */
function jsonBytes(value: unknown): number {
  const least = leastLength(value, MAX_ENVIRONMENT_BYTES);
  return Number.isFinite(least) ? Buffer.byteLength(stringifyExtended(value)) : least;
}
