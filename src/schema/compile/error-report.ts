import type { ErrorObject } from 'ajv';
import { Errno, type ValidationError } from '../../common/index.js';
import { KEYWORD } from './keywords.js';
import { describe } from './messages.js';

type Path = (string | number)[];

// More than anybody reads; see also the budget of the compiled form.
const MAX_REPORTED = 1_000;

// Errors that only say that another error happened.
const SUMMARIES = new Set(['if', 'propertyNames']);
const UNIONS = new Set(['anyOf', 'oneOf']);
const MISMATCHES = new Set(['type', 'const', 'enum', KEYWORD.extended, KEYWORD.plain]);

// Where a branch's own probe reports, seen from its union.
const PROBED = new RegExp(String.raw`^/\d+/else/${KEYWORD.probe}$`);

/**
 * Drops what the engine says twice and replaces the errors inside a union: by those of the branch
 * that the value was clearly meant as, else by one that names the choices. Linear in the errors.
 */
export function collapse(errors: readonly ErrorObject[]): ErrorObject[] {
  const result: ErrorObject[] = [];
  for (const error of errors) {
    if (SUMMARIES.has(error.keyword)) continue;
    if (UNIONS.has(error.keyword)) result.push(...explainUnion(error, takeInside(result, error)));
    else if (error.keyword === 'contains') {
      takeInside(result, error);
      result.push(error);
    } else result.push(error);
  }
  return result;
}

/** Removes the errors of a compound keyword's branches: they stand right before its own. */
function takeInside(
  errors: ErrorObject[],
  { schemaPath, instancePath }: ErrorObject,
): ErrorObject[] {
  const isInside = (error: ErrorObject | undefined): boolean =>
    error !== undefined &&
    error.schemaPath.startsWith(`${schemaPath}/`) &&
    (error.instancePath === instancePath || error.instancePath.startsWith(`${instancePath}/`));
  let start = errors.length;
  while (isInside(errors[start - 1])) start -= 1;
  return errors.splice(start);
}

function explainUnion(union: ErrorObject, inside: readonly ErrorObject[]): ErrorObject[] {
  const branches = new Map<string, ErrorObject[]>();
  for (const error of inside) {
    const branch = error.schemaPath.slice(union.schemaPath.length + 1).split('/', 1)[0] ?? '';
    const errors = branches.get(branch);
    if (errors === undefined) branches.set(branch, [error]);
    else errors.push(error);
  }
  const meant = [...branches.values()].filter((errors) => !isMismatch(union, errors));
  const [closest, next] = meant.sort((a, b) => a.length - b.length);
  if (closest !== undefined && (next === undefined || closest.length < next.length)) return closest;
  const ofItsType = [...branches.values()].filter((errors) => !isOtherType(union, errors));
  const summary = { ...union, params: { ...union.params, choices: choices(union, inside) } };
  return [sameTag(ofItsType) ?? summary];
}

function isOtherType({ instancePath }: ErrorObject, errors: readonly ErrorObject[]): boolean {
  return errors.some((error) => error.keyword === 'type' && error.instancePath === instancePath);
}

/** The value as a whole, or one of its tags, is of another kind than the branch. */
function isMismatch(union: ErrorObject, errors: readonly ErrorObject[]): boolean {
  return errors.some(
    ({ keyword, instancePath, schemaPath }) =>
      (MISMATCHES.has(keyword) && instancePath === union.instancePath) ||
      PROBED.test(schemaPath.slice(union.schemaPath.length)),
  );
}

/** When every branch missed on one and the same tag: that tag with all its values. */
function sameTag(branches: readonly (readonly ErrorObject[])[]): ErrorObject | null {
  const tags = branches.flat().filter(({ keyword }) => keyword === 'enum' || keyword === 'const');
  const [first] = tags;
  if (first === undefined || tags.length < 2) return null;
  const isSame = tags.every(({ instancePath }) => instancePath === first.instancePath);
  if (!isSame || branches.some((errors) => errors.length !== 1)) return null;
  if (tags.length !== branches.length) return null;
  const allowedValues = tags.flatMap(({ params }) => {
    const { allowedValue, allowedValues: several } = params as Record<string, unknown>;
    return Array.isArray(several) ? (several as unknown[]) : [allowedValue];
  });
  return { ...first, keyword: 'enum', params: { allowedValues: [...new Set(allowedValues)] } };
}

/** What each branch expected of the value itself; empty when that would not explain the refusal. */
function choices(union: ErrorObject, inside: readonly ErrorObject[]): string[] {
  const own = inside.filter(({ instancePath }) => instancePath === union.instancePath);
  if (own.length < inside.length) return [];
  const texts = own.map(describe).filter((text) => text.startsWith('must be '));
  return texts.length === own.length ? [...new Set(texts.map((text) => text.slice(8)))] : [];
}

/** The engine's errors about `root` in the form of the wire contract. */
export function report(errors: readonly ErrorObject[], root: unknown): ValidationError[] {
  const reported = errors.slice(0, MAX_REPORTED).map((error) => ({
    path: [...toPath(error.instancePath, root), ...missing(error)],
    message: describe(error),
    code: Errno.EINVAL,
  }));
  const rest = errors.length - reported.length;
  if (rest > 0) reported.push({ path: [], message: `and ${rest} more errors`, code: Errno.EINVAL });
  return reported;
}

/** The step that the engine leaves out of the path: a property that is not there, or a name itself. */
function missing({ params, propertyName }: ErrorObject): string[] {
  const name = (params as Record<string, unknown>)['missingProperty'] ?? propertyName;
  return typeof name === 'string' ? [name] : [];
}

/** Array indexes are numbers: whether a step is one, only the data tells. */
function toPath(pointer: string, root: unknown): Path {
  const path: Path = [];
  let current = root;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    const step = Array.isArray(current) ? Number(key) : key;
    path.push(step);
    current =
      typeof current === 'object' && current !== null && Object.hasOwn(current, step)
        ? (current as Record<string | number, unknown>)[step]
        : undefined;
  }
  return path;
}
