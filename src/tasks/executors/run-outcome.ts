import { decodeExtended, encodeWithSecrets, messageOf } from '../../common/index.js';
import type { RunOutcome, RunFailure } from './executor.js';
import { toRunFailure } from './run-failure.js';

/** How a run ended, where it ran: the value as JSON has it, dates and the like in their extended form. */
export type LocalOutcome =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly failure: RunFailure };

/** Runs the task's code and says what it came to. Never rejects. */
export async function runToOutcome(work: () => unknown): Promise<LocalOutcome> {
  let value: unknown;
  try {
    value = await work();
  } catch (error) {
    return { kind: 'threw', failure: toRunFailure(error) };
  }
  try {
    return { kind: 'returned', value: toJson(value) };
  } catch (error) {
    const cause = new TypeError(`The task's result has no JSON form: ${messageOf(error)}`);
    return { kind: 'threw', failure: toRunFailure(cause) };
  }
}

/** The outcome as the engine sees it, with extended values turned back into what they stand for. */
export function toRunOutcome(outcome: LocalOutcome): RunOutcome {
  if (outcome.kind === 'threw') {
    const { type, message } = outcome.failure; // throws for one that a task has made up
    return { ...outcome, failure: { ...outcome.failure, type, message } };
  }
  try {
    return { kind: 'returned', value: decodeExtended(outcome.value) };
  } catch (error) {
    const cause = new TypeError(`The task's result cannot be read: ${messageOf(error)}`);
    return { kind: 'threw', failure: toRunFailure(cause) };
  }
}

/** Through text and back, so that it shares nothing with the task and is known to have that form. */
function toJson(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  const text = JSON.stringify(encodeWithSecrets(value)) as string | undefined;
  if (text === undefined) throw new TypeError(`it is a ${typeof value}`);
  return JSON.parse(text) as unknown;
}
