const DAY = /^([+-]?\d{4,6}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?/i;
const OFFSET = /[T ].*[+-](\d{2}):?(\d{2})$/i;

/**
 * Whether ISO 8601 text names a moment that there is. Date takes 30 February for 1 March and 24:00
 * for the next day, and has no leap seconds: what comes in is what is meant, or it is refused.
 */
export function isRealMoment(text: string): boolean {
  const [, day, hour = '0', minute = '0', second = '0'] = DAY.exec(text) ?? [];
  if (day === undefined || !isRealDay(day)) return false;
  const [, offsetHour = '0', offsetMinute = '0'] = OFFSET.exec(text) ?? [];
  return isTime(hour, minute, second) && isTime(offsetHour, offsetMinute, '0');
}

/** Whether text in a form of ISO 8601 begins with a day that there is not; weeks and the like pass. */
export function namesNoDay(text: string): boolean {
  const day = DAY.exec(text)?.[1];
  return day !== undefined && !isRealDay(day);
}

/** A year of four digits, and a day that every month has: nearly all do, and a message may hold thousands of days. */
const COMMON_DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])$/;

function isRealDay(day: string): boolean {
  if (COMMON_DAY.test(day)) return true;
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

function isTime(hour: string, minute: string, second: string): boolean {
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}
