import type { Verdict } from '../forms/check.js';
import type { Json, JsonObject } from '../forms/index.js';

/** A schema that takes longer is not checked here; the server, which is better armed, will. */
const TIME_LIMIT_MS = 1_500;
/** To be read and begin; on a busy machine that takes longer than a check may. */
const START_LIMIT_MS = 20_000;

export type CheckerRequest =
  | {
      readonly id: number;
      readonly kind: 'check';
      readonly schema: JsonObject;
      readonly value: Json;
    }
  | { readonly id: number; readonly kind: 'example'; readonly schemas: readonly JsonObject[] };

/** Of the question; 0 says that it has begun. */
export interface CheckerReply {
  readonly id: number;
  readonly result: unknown;
}

interface Checker {
  readonly worker: Worker;
  readonly begun: Promise<void>;
}

let checker: Checker | null = null;
let lastId = 0;
const waiting = new Map<number, (result: unknown) => void>();

/** Compares a value with a bundled schema, beside the page: no schema can freeze it. */
export async function check(schema: JsonObject, value: Json): Promise<Verdict> {
  const result = await ask({ kind: 'check', schema, value });
  return (
    (result as Verdict | null) ?? { kind: 'unchecked', reason: 'the check takes too long here' }
  );
}

/** Values that fit bundled schemas; null for one that no value was found for. */
export async function examples(schemas: readonly JsonObject[]): Promise<(Json | null)[]> {
  const result = await ask({ kind: 'example', schemas });
  return (result as (Json | null)[] | null) ?? schemas.map(() => null);
}

type Question = CheckerRequest extends infer R
  ? R extends unknown
    ? Omit<R, 'id'>
    : never
  : never;

function ask(question: Question): Promise<unknown> {
  checker ??= begin();
  lastId += 1;
  const id = lastId;
  const current = checker;
  return new Promise((resolve) => {
    let timer = setTimeout(() => abandon(current), START_LIMIT_MS);
    void current.begun.then(() => {
      clearTimeout(timer);
      if (waiting.has(id)) timer = setTimeout(() => abandon(current), TIME_LIMIT_MS);
    });
    waiting.set(id, (result) => {
      clearTimeout(timer);
      waiting.delete(id);
      resolve(result);
    });
    current.worker.postMessage({ ...question, id });
  });
}

function begin(): Checker {
  const worker = new Worker(new URL('./checker.worker.ts', import.meta.url), { type: 'module' });
  const begun = new Promise<void>((resolve) => {
    worker.addEventListener('message', ({ data }: MessageEvent<CheckerReply>) => {
      if (data.id === 0) resolve();
      else waiting.get(data.id)?.(data.result);
    });
  });
  return { worker, begun };
}

/** A worker that hangs is ended, and everybody who waits for it hears so; the next question gets a new one. */
function abandon(hanging: Checker): void {
  if (checker !== hanging) return;
  hanging.worker.terminate();
  checker = null;
  for (const resolve of [...waiting.values()]) resolve(null);
}
