import { severityOf } from './severity.js';

/** `daemon`: system services without a facility of their own. */
const FACILITY = 3;
/** Most syslog daemons cut at 8 KiB; the socket takes some 200 KiB. */
const MAX_BYTES = 60_000;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export interface SyslogOrigin {
  readonly tag: string;
  readonly pid: number;
  readonly now: () => Date;
}

/**
 * A line as the C library's `syslog()` sends it (RFC 3164 without a host name, as is the custom on
 * the local socket): every daemon reads that. The message is the line's JSON.
 */
export function syslogFormat({ tag, pid, now }: SyslogOrigin): (line: string) => Buffer {
  return (line) => {
    const priority = FACILITY * 8 + severityOf(line);
    const text = `<${priority}>${timestamp(now())} ${tag}[${pid}]: ${line.trimEnd()}`;
    return Buffer.from(text).subarray(0, MAX_BYTES);
  };
}

/** `Nov  5 04:05:06`, in local time, the day padded with a space. */
function timestamp(time: Date): string {
  const day = String(time.getDate()).padStart(2);
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()];
  const digits = clock.map((part) => String(part).padStart(2, '0')).join(':');
  return `${MONTHS[time.getMonth()] ?? ''} ${day} ${digits}`;
}
