import type { LogRecord } from './log-batch.js';

/** `Nov  4 10:00:00` as syslog always wrote it, or the time of RFC 3339 as it does today. */
const LINE =
  /^(?:([A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2})|(\d{4}-\d{2}-\d{2}T\S+)) \S+ (?:([^\s:[\]]+)(?:\[\d+\])?: ?)?(.*)$/;
const DAY_MS = 86_400_000;

/** Parses a line of a syslog file. One of another form is a text written at `now`. */
export function parseSyslogLine(line: string, now: Date): LogRecord {
  const [, oldTime, newTime, identifier, text] = LINE.exec(line) ?? [];
  const timestamp = oldTime === undefined ? new Date(newTime ?? NaN) : yearless(oldTime, now);
  return {
    sequence: null,
    priority: null,
    facility: null,
    identifier: identifier ?? null,
    timestamp: Number.isNaN(timestamp.getTime()) ? now : timestamp,
    text: text ?? line,
  };
}

/** The old form leaves the year out: in January, a line of December is last year's. */
function yearless(time: string, now: Date): Date {
  const year = now.getFullYear();
  const date = new Date(`${time} ${year}`);
  const isAhead = date.getTime() > now.getTime() + DAY_MS;
  return isAhead ? new Date(`${time} ${year - 1}`) : date;
}
