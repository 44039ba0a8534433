import { describe, expect, it } from 'vitest';
import { CronLine } from '../../src/schedules/cron.js';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const STEP_MS = 30 * MINUTE_MS;
const from = Date.UTC(2024, 0, 1);
const to = Date.UTC(2034, 0, 1);

const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];
const LINES = [
  '30 2 * * *',
  '15 1,2 * * *',
  '0 */6 * * *',
  '10 0-3 * * *',
  '59 23 31 12 *',
  '0 0 29 2 *',
  '45 2 * 3,4,10,11 0',
  '0 12 * * 1-5',
  '0 3 13 * 5',
  '*/20 1-2 * 3,10 7',
  '*/20 2 * * *',
  '5,50 1 * 3,4,10,11 *',
];

/** Minutes that local time is ahead, for each half hour: zones change theirs at no other moments. */
function offsetsOf(zone: string): number[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric' },
  });
  const offsets: number[] = [];
  for (let at = from - STEP_MS; at < to; at += STEP_MS) {
    const [day = 0, month = 0, year = 0, hour = 0, minute = 0] = (
      format.format(at).match(/\d+/g) ?? []
    ).map(Number);
    offsets.push((Date.UTC(year, month - 1, day, hour, minute) - at) / MINUTE_MS);
  }
  return offsets;
}

function valuesOf(field: string, least: number, most: number): Set<number> {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [first = '', last = first] = range === '*' ? [`${least}`, `${most}`] : range.split('-');
    for (let value = Number(first); value <= Number(last); value += Number(step)) values.add(value);
  }
  return values;
}

interface Day {
  readonly date: number;
  readonly month: number;
  readonly weekday: number;
}

/** The days from the one before {@link from} on, by their number. */
const FIRST_DAY = from / DAY_MS - 1;
const DAYS: readonly Day[] = Array.from({ length: (to - from) / DAY_MS + 3 }, (_, index) => {
  const day = new Date((FIRST_DAY + index) * DAY_MS);
  return { date: day.getUTCDate(), month: day.getUTCMonth() + 1, weekday: day.getUTCDay() };
});

/** Whether a minute of local time, written as if it were UTC, fits the line. */
function matcherOf(line: string): (local: number) => boolean {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = line.split(' ');
  const minutes = valuesOf(minute, 0, 59);
  const hours = valuesOf(hour, 0, 23);
  const days = valuesOf(day, 1, 31);
  const months = valuesOf(month, 1, 12);
  const weekdays = new Set([...valuesOf(weekday, 0, 7)].map((value) => value % 7));
  const isEither = day !== '*' && weekday !== '*';
  const fits = DAYS.map((one) => {
    const isDay = days.has(one.date);
    const isWeekday = weekdays.has(one.weekday);
    return months.has(one.month) && (isEither ? isDay || isWeekday : isDay && isWeekday);
  });
  return (local) => {
    const ofDay = (local % DAY_MS) / MINUTE_MS;
    if (!minutes.has(ofDay % 60) || !hours.has(Math.floor(ofDay / 60))) return false;
    return fits[Math.floor(local / DAY_MS) - FIRST_DAY] ?? false;
  };
}

/**
 * Walks the minutes. Where the line names one time of day, those that are left out count when they end, and
 * those that come again do not.
 */
function naive(line: string, offsets: readonly number[]): number[] {
  const matches = matcherOf(line);
  const isFixed = /^\d+ \d+ /.test(line);
  const times: number[] = [];
  let furthest = from - MINUTE_MS + (offsets[0] ?? 0) * MINUTE_MS;
  for (let at = from; at < to; at += MINUTE_MS) {
    const offset = offsets[Math.floor((at - from) / STEP_MS) + 1] ?? 0;
    const local = at + offset * MINUTE_MS;
    let isDue = false;
    for (let skipped = furthest + MINUTE_MS; skipped < local; skipped += MINUTE_MS) {
      isDue ||= isFixed && matches(skipped);
    }
    const isRepeated = local <= furthest;
    isDue ||= matches(local) && (!isRepeated || !isFixed);
    furthest = Math.max(furthest, local);
    if (isDue) times.push(at);
  }
  return times;
}

describe('a line of cron', () => {
  it.each(ZONES)(
    'over ten years in %s comes when a walk through all minutes says',
    (zone) => {
      const offsets = offsetsOf(zone);
      for (const line of LINES) {
        const cron = new CronLine(line, zone);
        const times: number[] = [];
        for (let next = cron.after(new Date(from - 1)); next !== null && next.getTime() < to;) {
          times.push(next.getTime());
          next = cron.after(next);
        }
        const iso = (list: readonly number[]): string[] =>
          list.map((at) => new Date(at).toISOString());
        expect(iso(times), `${line} ${zone}`).toEqual(iso(naive(line, offsets)));
      }
    },
    60_000,
  );
});
