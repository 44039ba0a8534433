import { coded } from '../../common/index.js';
import type { MethodDescription } from '../../wire/index.js';
import { isMethodName } from './names.js';

const MAX_METHODS = 1_000;
const MAX_TEXT_LENGTH = 4_096;

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a service that described no methods answered to `enumerate_methods`, brought into the shape that
 * discovery gives for every service: what is missing is filled in, what does not fit is left out. It
 * says what there is, and opens nothing: such methods are for `admin`.
 *
 * @throws RpcException EFAULT when it is no list of methods with names
 */
export function readMethodDescriptions(answer: unknown): MethodDescription[] {
  if (!Array.isArray(answer) || answer.length > MAX_METHODS) {
    throw coded('SERVICE_ANSWER_INVALID', { reason: `no list of up to ${MAX_METHODS} methods` });
  }
  return (answer as unknown[]).map(readOne);
}

function readOne(value: unknown): MethodDescription {
  const fields = isRecord(value) ? value : {};
  const { name } = fields;
  if (typeof name !== 'string' || !isMethodName(name)) {
    throw coded('SERVICE_ANSWER_INVALID', { reason: 'a method in the list has no valid name' });
  }
  const params = fields['params-schema'];
  const result = fields['result-schema'];
  return {
    name,
    description: textOf(fields['description']),
    private: fields['private'] === true,
    unauthenticated: false,
    generator: fields['generator'] === true,
    deprecated: textOf(fields['deprecated']),
    roles: ['admin'],
    parameters: namesOf(fields['parameters']),
    ...(isRecord(params) &&
      isListOfSchemas(params['items']) && {
        'params-schema': { type: 'array' as const, items: params['items'] },
      }),
    ...(isRecord(result) && { 'result-schema': result }),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, MAX_TEXT_LENGTH) : null;
}

function namesOf(value: unknown): string[] | null {
  return Array.isArray(value) && value.every((name) => typeof name === 'string') ? value : null;
}

function isListOfSchemas(value: unknown): value is Fields[] {
  return Array.isArray(value) && value.every(isRecord);
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
