import { severityOf } from './severity.js';

/** A datagram of the journal's may not be longer than the socket's buffer, some 200 KiB. */
const MAX_BYTES = 60_000;

/**
 * A line in the native protocol of systemd's journal: the message as people read it, the priority,
 * and the fields by which one filters (`journalctl DISPATCHER_PLUGIN=users`); the whole line goes
 * with it as `DISPATCHER_LINE`.
 */
export function journaldFormat(identifier: string): (line: string) => Buffer {
  return (line) => {
    const text = line.trimEnd();
    const { msg, component, plugin, cause } = JSON.parse(text) as Record<string, unknown>;
    const fields: readonly (readonly [string, unknown])[] = [
      ['MESSAGE', msg ?? text],
      ['PRIORITY', severityOf(text)],
      ['SYSLOG_IDENTIFIER', identifier],
      ['DISPATCHER_COMPONENT', component],
      ['DISPATCHER_PLUGIN', plugin],
      ['DISPATCHER_CAUSE', cause],
      ['DISPATCHER_LINE', text],
    ];
    const given = fields.filter(([, value]) => value !== undefined);
    return Buffer.concat(given.map(([name, value]) => field(name, String(value))));
  };
}

/** With its length in front, so that no line break in a value can begin another field. */
function field(name: string, value: string): Buffer {
  const bytes = Buffer.from(value).subarray(0, MAX_BYTES);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')]);
}
