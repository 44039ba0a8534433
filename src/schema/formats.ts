import type { Format } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';

// Some formats are checked by patterns that take quadratic time on hostile text, and none but these
// has any use for text of such length.
export const MAX_FORMATTED_LENGTH = 4_096;
/** `$date` has none either: JavaScript's Date cannot hold them. */
const WITHOUT_LEAP_SECONDS = new Set(['date-time', 'iso-date-time', 'time', 'iso-time']);
const LEAP_SECOND = /:60/;
const UNLIMITED = new Set(['binary', 'byte', 'password']);

type Check = (text: string) => boolean;

function checkOf(format: unknown): Check | null {
  if (format instanceof RegExp) return (text) => format.test(text);
  if (typeof format === 'function') return format as Check;
  if (typeof format !== 'object' || format === null || !('validate' in format)) return null;
  return 'type' in format && format.type === 'number' ? null : checkOf(format.validate);
}

function limited(name: string, format: Format): Format {
  const check = checkOf(format);
  if (check === null) return format;
  const isFit: Check = WITHOUT_LEAP_SECONDS.has(name)
    ? (text) => !LEAP_SECOND.test(text) && check(text)
    : check;
  return (text: string) => text.length <= MAX_FORMATTED_LENGTH && isFit(text);
}

/** Every format of ajv-formats by its name. */
export const FORMATS: Readonly<Record<string, Format>> = Object.fromEntries(
  Object.entries(fullFormats).map(([name, format]): [string, Format] => [
    name,
    UNLIMITED.has(name) ? format : limited(name, format),
  ]),
);
