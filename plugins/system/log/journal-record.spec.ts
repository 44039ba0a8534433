import { describe, expect, it } from 'vitest';
import { parseJournalLine } from './journal-record.js';

const ENTRY = {
  __CURSOR: 's=6f1;i=2a;b=9c0;m=1c2d;t=5f1e;x=3',
  __REALTIME_TIMESTAMP: '1700000000123456',
  __SEQNUM: '42',
  _PID: '812',
  PRIORITY: '6',
  SYSLOG_FACILITY: '3',
  SYSLOG_IDENTIFIER: 'sshd',
  MESSAGE: 'Server listening on 0.0.0.0 port 22.',
};
const parse = (changes: object) => parseJournalLine(JSON.stringify({ ...ENTRY, ...changes }));

describe('an entry of the journal', () => {
  it('tells who wrote what, when and how urgent', () => {
    expect(parse({})).toEqual({
      sequence: 42,
      priority: 6,
      facility: 3,
      identifier: 'sshd',
      timestamp: new Date(1_700_000_000_123),
      text: 'Server listening on 0.0.0.0 port 22.',
    });
  });

  it('of the kernel, or of an old journal, leaves out what it does not know', () => {
    const fields = {
      __SEQNUM: undefined,
      SYSLOG_IDENTIFIER: undefined,
      SYSLOG_FACILITY: undefined,
      PRIORITY: null,
    };
    expect(parse(fields)).toMatchObject({
      sequence: null,
      facility: null,
      priority: null,
      identifier: null,
    });
  });

  it('may have bytes for a text', () => {
    expect(parse({ MESSAGE: [104, 195, 169] })?.text).toBe('hé');
  });

  it('without a message or a time is none, nor is what is no JSON object', () => {
    expect(parse({ MESSAGE: null })).toBeNull();
    expect(parse({ __REALTIME_TIMESTAMP: 'soon' })).toBeNull();
    for (const line of ['', '-- No entries --', 'null', '[]', '{']) {
      expect(parseJournalLine(line)).toBeNull();
    }
  });
});
