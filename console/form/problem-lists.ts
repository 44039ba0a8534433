import type { CallError } from '../connection/session.js';
import {
  isList,
  isObject,
  type Json,
  type Parameter,
  type Path,
  type Problem,
} from '../forms/index.js';

/**
 * Before the first try, a field that is still empty is not called wrong: whoever fills in a form
 * from the top knows that there is more to come.
 */
export function visibleProblems(
  problems: readonly Problem[],
  args: readonly Json[],
  isTried: boolean,
): readonly Problem[] {
  if (isTried) return problems;
  return problems.filter(
    ({ path, message }) => message !== 'is required' && !isBlank(valueAt(args, path)),
  );
}

function valueAt(args: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((value, part) => {
    if (isList(value)) return value[Number(part)];
    return isObject(value) && Object.hasOwn(value, part) ? value[String(part)] : undefined;
  }, args);
}

function isBlank(value: Json | undefined): boolean {
  if (isObject(value) && Object.keys(value).length === 1) return Object.values(value)[0] === '';
  return value === undefined || value === null || value === '';
}

/** What the server said of the arguments, at the fields it said it of. */
export function serverProblems(
  error: CallError | null,
  parameters: readonly Parameter[],
): readonly Problem[] {
  const extra = error?.extra as Json | undefined;
  if (!isList(extra)) return [];
  return extra.flatMap((entry): Problem[] => {
    if (!isObject(entry)) return [];
    const { path, message } = entry;
    if (!isList(path) || typeof message !== 'string') return [];
    return [{ path: placed(path as Path, parameters), message }];
  });
}

/** The server names arguments that were given by name; the form knows their places. */
function placed(path: Path, parameters: readonly Parameter[]): Path {
  const [first, ...rest] = path;
  if (typeof first !== 'string') return path;
  const place = parameters.findIndex(({ label }) => label === first);
  return place === -1 ? path : [place, ...rest];
}
