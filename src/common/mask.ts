import { type MaskSegment, type MaskStep, segmentsOf } from './mask-segments.js';

/**
 * Shell globs over event and file names, as fnmatch(3) without path rules: `*` any run, `?` one
 * character, `[abc]`, `[a-z]`, `[!a]`; dots and slashes are ordinary, an unclosed `[` is literal.
 *
 * What stands between two stars is looked for once, from left to right, so a hostile mask such as
 * `*a*a*a*b` costs at most name × mask steps; a translation into a regular expression would backtrack.
 */

/** The longest mask that is taken from outside; names of events are far shorter. */
export const MAX_MASK_LENGTH = 256;

/** A compiled mask. `compileMask('task.*')('task.created') // true` */
export type MaskMatcher = (name: string) => boolean;

/** Whether the mask may match more than the one name that it is. */
export function isPattern(mask: string): boolean {
  return /[*?[]/.test(mask);
}

export function compileMask(mask: string): MaskMatcher {
  return readMask(mask).matches;
}

/** A mask, and what it may cost at worst to hold a name of some length against it, in steps. */
export interface MeasuredMask {
  readonly matches: MaskMatcher;
  /** Null for what only compares pieces of text. */
  readonly stepsFor: ((length: number) => number) | null;
}

export function readMask(mask: string): MeasuredMask {
  if (!isPattern(mask)) return { matches: (name) => name === mask, stepsFor: null };
  if (mask === '*') return { matches: () => true, stepsFor: null };
  const segments = segmentsOf(mask);
  // segments are looked for one behind the other, so the dearest one counts
  const perCharacter = Math.max(0, ...segments.slice(1, -1).map(searchSteps));
  const isPlain = perCharacter === 0 && segments.every(isText);
  return {
    matches: (name) => matches(segments, name),
    stepsFor: isPlain ? null : (length) => perCharacter * length + mask.length,
  };
}

/** The engine finds a piece of text in linear time; what has tests in it is tried at each place. */
function searchSteps(segment: MaskSegment): number {
  return isText(segment) ? 1 : segment.length;
}

function isText({ steps }: MaskSegment): boolean {
  return steps.every((step) => typeof step === 'string');
}

function matches(segments: readonly MaskSegment[], name: string): boolean {
  let position = endOf(segments[0], name, 0);
  if (segments.length === 1 || position === -1) return position === name.length;
  const last = segments.at(-1);
  const limit = startOfLast(name, last?.length ?? 0);
  for (let i = 1; i < segments.length - 1 && position !== -1; i += 1) {
    position = find(segments[i], name, position);
  }
  return position !== -1 && position <= limit && endOf(last, name, limit) === name.length;
}

/** Where the first place ends at which the segment fits; -1 when there is none. */
function find(segment: MaskSegment | undefined, name: string, from: number): number {
  const first = segment?.steps[0];
  for (let start = from; start <= name.length; start = next(name, start)) {
    if (typeof first === 'string') {
      start = name.indexOf(first, start);
      if (start === -1) return -1;
    }
    const end = endOf(segment, name, start);
    if (end !== -1) return end;
  }
  return -1;
}

/** Where the segment ends when it begins at `start`; -1 when it does not fit there. */
function endOf(segment: MaskSegment | undefined, name: string, start: number): number {
  let position = start;
  for (const step of segment?.steps ?? []) {
    if (!fits(step, name, position)) return -1;
    position = typeof step === 'string' ? position + step.length : next(name, position);
  }
  return position;
}

function fits(step: MaskStep, name: string, position: number): boolean {
  if (typeof step !== 'string') {
    const codePoint = name.codePointAt(position);
    return codePoint !== undefined && step(codePoint);
  }
  // half of a surrogate pair is no character
  return (
    name.slice(position, position + step.length) === step &&
    !splitsPair(name, position) &&
    !splitsPair(name, position + step.length)
  );
}

function next(name: string, position: number): number {
  return position + (splitsPair(name, position + 1) ? 2 : 1);
}

/** Where the last `count` characters begin; -1 when there are not as many. */
function startOfLast(name: string, count: number): number {
  let position = name.length;
  for (let left = count; left > 0; left -= 1) {
    if (position === 0) return -1;
    position -= splitsPair(name, position - 1) ? 2 : 1;
  }
  return position;
}

function splitsPair(name: string, position: number): boolean {
  return (
    (name.charCodeAt(position - 1) & 0xfc00) === 0xd800 &&
    (name.charCodeAt(position) & 0xfc00) === 0xdc00
  );
}
