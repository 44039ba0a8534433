import type { LogRecord } from './log-batch.js';

/** A record of `/dev/kmsg` with the kernel's own clock: microseconds since the machine was started. */
export interface KmsgRecord extends Omit<LogRecord, 'timestamp'> {
  readonly sequence: number;
  readonly uptimeMicros: number;
}

/**
 * Parses what one read of `/dev/kmsg` gives: `priority,sequence,time,flags;text`, then lines with
 * the device it is about, which begin with a space. Null for another form.
 */
export function parseKmsg(text: string): KmsgRecord | null {
  const match = /^(\d+),(\d+),(\d+),[^;\n]*;([^\n]*)/.exec(text);
  if (match === null) return null;
  const [prefix, sequence, micros] = match.slice(1, 4).map(Number) as [number, number, number];
  return {
    sequence,
    // As in syslog: three bits of priority, the facility above them
    priority: prefix & 7,
    facility: prefix >> 3,
    identifier: null,
    uptimeMicros: micros,
    text: unescape(match[4] ?? ''),
  };
}

/** The kernel writes each byte that is no printable ASCII, and the backslash, as `\x` and two digits. */
function unescape(text: string): string {
  const bytes = text.replace(/\\x([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(parseInt(digits, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
