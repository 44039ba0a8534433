import { namesNoDay } from '../../common/portable.js';

const SECONDS: ReadonlyMap<string, number> = new Map([
  ['ms', 0.001],
  ['s', 1],
  ['m', 60],
  ['h', 3_600],
  ['d', 86_400],
  ['w', 604_800],
]);
const BYTES: ReadonlyMap<string, number> = new Map(
  ['', 'k', 'm', 'g', 't', 'p'].flatMap((prefix, power) => [
    [`${prefix}ib`, 1_024 ** power] as const,
    [`${prefix}b`, 1_000 ** power] as const,
    [prefix, 1_024 ** power] as const,
  ]),
);

/** `90`, `90s`, `1.5h`, `2d` in seconds; null for what is no duration. */
export function secondsOf(text: string): number | null {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = SECONDS.get(unit === '' ? 's' : unit.toLowerCase());
  return amount === '' || factor === undefined ? null : Number(amount) * factor;
}

/** `4096`, `4KiB`, `4G` (binary, as sizes of disks are written in shells), `4GB` (decimal) in bytes. */
export function bytesOf(text: string): number | null {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = BYTES.get(unit.toLowerCase());
  if (amount === '' || factor === undefined) return null;
  const bytes = Number(amount) * factor;
  return Number.isInteger(bytes) ? bytes : null;
}

/** ISO 8601, a day, `now`, or a time from now: `-2h`, `+1d`; null for what is no time. */
export function momentOf(text: string, now: Date): Date | null {
  const trimmed = text.trim();
  if (trimmed === 'now') return now;
  if (/^[+-]/.test(trimmed)) {
    const seconds = secondsOf(trimmed.slice(1));
    if (seconds === null) return null;
    return new Date(now.getTime() + (trimmed.startsWith('-') ? -1 : 1) * seconds * 1_000);
  }
  if (
    !/^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/.test(
      trimmed,
    )
  ) {
    return null;
  }
  if (namesNoDay(trimmed)) return null;
  const moment = new Date(trimmed);
  return Number.isNaN(moment.getTime()) ? null : moment;
}
