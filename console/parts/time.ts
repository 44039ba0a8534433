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

export function clockOf(date: Date): string {
  const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

export function sizeOf(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  return bytes < 2 ** 20
    ? `${(bytes / 1_024).toFixed(1)} KiB`
    : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
