import { isObject, type Json } from '../forms/index.js';

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

/** `3 d 4 h`, `12 min`, `4.2 s`: two units at most. */
export function durationOf(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 1) return `${Math.max(0, Math.round(seconds * 1_000))} ms`;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  for (const [index, [size, name]] of UNITS.entries()) {
    if (seconds < size) continue;
    const [rest, small] = UNITS[index + 1] ?? [1, 's'];
    const more = Math.floor((seconds % size) / rest);
    return `${Math.floor(seconds / size)} ${name}${more > 0 ? ` ${more} ${small}` : ''}`;
  }
  return '';
}

/** A moment as it travels: `{"$date": ...}`, text or seconds; null when it is none. */
export function momentOf(value: Json | undefined): Date | null {
  const text = isObject(value) ? value['$date'] : value;
  if (typeof text !== 'string' && typeof text !== 'number') return null;
  const date = new Date(typeof text === 'number' ? text * 1_000 : text);
  return Number.isNaN(date.getTime()) ? null : date;
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** `2026-11-30 14:05:12`, in the time of whoever looks. */
export function stampOf(date: Date): string {
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${clockOf(date).slice(0, 8)}`;
}

/** `3 min ago`; the clocks of two machines may differ, so what is to come is now. */
export function agoOf(date: Date, now: Date): string {
  const seconds = (now.getTime() - date.getTime()) / 1_000;
  return seconds < 1 ? 'now' : `${durationOf(Math.floor(seconds)).replace('.0', '')} ago`;
}

/** Seconds from one moment to another; to the present for what has not come yet, null before it began. */
export function secondsBetween(
  from: Json | undefined,
  to: Json | undefined,
  now: Date,
): number | null {
  const start = momentOf(from);
  if (start === null) return null;
  return Math.max(0, ((momentOf(to) ?? now).getTime() - start.getTime()) / 1_000);
}

export function clockOf(date: Date): string {
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

export function sizeOf(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  return bytes < 2 ** 20
    ? `${(bytes / 1_024).toFixed(1)} KiB`
    : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
