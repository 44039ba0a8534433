import { useEffect, useMemo, useState } from 'preact/hooks';
import {
  type ArgumentsForm,
  argumentsSchema,
  pathKey,
  type Problem,
  readArguments,
} from '../forms/index.js';
import { check } from '../state/checker.js';
import { schemaIndex } from '../state/registry.js';
import type { ProblemMap } from './edit-props.js';

const PAUSE_MS = 150;

export interface Checked {
  readonly problems: readonly Problem[];
  /** Why nothing was checked here, if so. */
  readonly unchecked: string | null;
}

/** Checks the arguments a moment after each change. */
export function useChecked(form: ArgumentsForm): Checked {
  const schema = useMemo(
    () => argumentsSchema(form.parameters, schemaIndex.value),
    [form.parameters, schemaIndex.value],
  );
  const [checked, setChecked] = useState<Checked>({ problems: [], unchecked: null });
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(() => {
      void checkNow(form, schema).then((result) => isCurrent && setChecked(result));
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [form, schema]);
  return checked;
}

/** What was typed first, then what the schema says of it. */
export async function checkNow(
  form: ArgumentsForm,
  schema = argumentsSchema(form.parameters, schemaIndex.value),
): Promise<Checked> {
  const { args, problems } = readArguments(form);
  const verdict = await check(schema, args);
  if (verdict.kind === 'unchecked') return { problems, unchecked: verdict.reason };
  const known = new Set(problems.map(({ path }) => pathKey(path)));
  const others = verdict.problems.filter(({ path }) => !known.has(pathKey(path)));
  return { problems: [...problems, ...others], unchecked: null };
}

export function toMap(problems: readonly Problem[]): ProblemMap {
  const map = new Map<string, string[]>();
  for (const { path, message } of problems) {
    const key = pathKey(path);
    const messages = map.get(key);
    if (messages === undefined) map.set(key, [message]);
    else if (!messages.includes(message)) messages.push(message);
  }
  return map;
}
