import { Cron } from 'croner';
import { coded, messageOf } from '../common/index.js';

const MAX_CRON_CHARACTERS = 128;
const MAX_ZONE_CHARACTERS = 64;
const NICKNAMES = new Set([
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
]);

/**
 * A line of cron in a time zone: five fields, so once a minute at most. What names one time of day is done once
 * each day that it names: at the end of the gap when a clock that is put forward leaves its time out, in
 * the first of two when the time comes twice. What names several is done whenever the clock shows
 * one of its times, so twice in an hour that comes twice and not in one that is left out.
 */
export class CronLine {
  readonly #cron: Cron;

  /** @throws RpcException EINVAL for what is no line of cron, never comes, or a zone that there is not */
  constructor(
    readonly text: string,
    readonly timezone: string,
  ) {
    assertZone(timezone);
    this.#cron = parse(text, timezone);
  }

  /** The first time after that moment; null when there is none. */
  after(moment: Date): Date | null {
    return this.#cron.nextRun(moment);
  }

  upcoming(from: Date, count: number): Date[] {
    return this.#cron.nextRuns(count, from);
  }
}

function parse(text: string, timezone: string): Cron {
  const fields = text.trim().split(/\s+/);
  const isNickname = NICKNAMES.has(text.trim().toLowerCase());
  if (text.length > MAX_CRON_CHARACTERS || (fields.length !== 5 && !isNickname)) {
    throw invalid(
      text,
      'five fields are wanted: minute, hour, day of the month, month, day of the week',
    );
  }
  let cron: Cron;
  try {
    cron = new Cron(text, { timezone, mode: isNickname ? 'auto' : '5-part', paused: true });
  } catch (error) {
    throw invalid(text, messageOf(error).replace(/^CronPattern: /, ''));
  }
  // from a fixed day on, so that a line is good or bad whatever the clock says
  if (cron.nextRun(new Date(0)) === null) throw invalid(text, 'there is no such day');
  return cron;
}

function assertZone(timezone: string): void {
  try {
    if (timezone === '' || timezone.length > MAX_ZONE_CHARACTERS) throw new RangeError('no zone');
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    throw coded('SCHEDULE_ZONE_UNKNOWN', { zone: timezone.slice(0, MAX_ZONE_CHARACTERS) });
  }
}

function invalid(cron: string, reason: string): Error {
  return coded('SCHEDULE_CRON_INVALID', { cron: cron.slice(0, MAX_CRON_CHARACTERS), reason });
}
