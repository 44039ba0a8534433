import type { SystemTime } from '../schemas/system-time.schema.js';
import { readLink, readText } from './kernel-files.js';

/** The zone's name from the target of `/etc/localtime`; null when it is no link into the database. */
export function zoneOfLink(target: string | null): string | null {
  const zone = /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(target ?? '')?.[1];
  return zone !== undefined && isKnownZone(zone) ? zone : null;
}

function isKnownZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}

/** Read anew each time: this process keeps the zone it was started in, the machine need not. */
export async function readTimeZone(): Promise<string> {
  const zone = zoneOfLink(await readLink('/etc/localtime'));
  return zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Minutes by which local time in a zone is ahead of UTC at a moment. */
export function utcOffsetMinutes(timeZone: string, at: Date): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const name = parts.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes] = /^GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
  if (sign === undefined) return 0; // "GMT" alone is UTC itself
  const offset = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? -offset : offset;
}

/**
 * systemd-timesyncd keeps a file from the first successful synchronisation on. Asking the kernel
 * would need a child process, so other time services are reported as not known.
 */
async function readNtpState(): Promise<boolean | null> {
  if ((await readText('/run/systemd/timesync/synchronized')) !== null) return true;
  return (await readLink('/run/systemd/units/invocation:systemd-timesyncd.service')) === null
    ? null
    : false;
}

export async function readClock(): Promise<SystemTime> {
  const [timezone, ntp_synchronized] = await Promise.all([readTimeZone(), readNtpState()]);
  const now = new Date();
  return {
    now,
    timezone,
    utc_offset_minutes: utcOffsetMinutes(timezone, now),
    ntp_synchronized,
  };
}
