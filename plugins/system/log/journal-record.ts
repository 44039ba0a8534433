import type { LogRecord } from './log-batch.js';

type Fields = Readonly<Record<string, unknown>>;

/** Parses a line of `journalctl --output=json`; null for what is no entry with a message. */
export function parseJournalLine(line: string): LogRecord | null {
  const fields = parseObject(line);
  const text = messageOf(fields?.['MESSAGE']);
  const micros = integer(fields?.['__REALTIME_TIMESTAMP']);
  if (fields === null || text === null || micros === null) return null;
  const identifier = fields['SYSLOG_IDENTIFIER'] ?? fields['_COMM'];
  return {
    sequence: integer(fields['__SEQNUM']),
    priority: integer(fields['PRIORITY']),
    facility: integer(fields['SYSLOG_FACILITY']),
    identifier: typeof identifier === 'string' ? identifier : null,
    timestamp: new Date(micros / 1000),
    text,
  };
}

function parseObject(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Fields) : null;
  } catch {
    return null;
  }
}

/** A message that is no UTF-8 is written as an array of its bytes. */
function messageOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return null;
  return Buffer.from(value as number[]).toString('utf8');
}

/** Numbers are written as text; a sequence of more than 53 bits is better left out than rounded. */
function integer(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : NaN;
  return Number.isSafeInteger(number) ? number : null;
}
