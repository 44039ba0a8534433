import { expect, it } from 'vitest';
import { LogBatch } from './log-batch.js';
import { parseSyslogLine } from './syslog-line.js';

const record = (text: string) => parseSyslogLine(text, new Date(0));

it('a batch keeps the first messages and the number of the others, and starts anew when taken', () => {
  const batch = new LogBatch(2);
  for (const text of ['a', 'b', 'c', 'd']) batch.add(record(text));
  batch.drop(3);
  expect(batch.isFull).toBe(true);
  const { records, dropped } = batch.take();
  expect(records.map(({ text }) => text)).toEqual(['a', 'b']);
  expect(dropped).toBe(5);
  expect(batch.take()).toEqual({ records: [], dropped: 0 });
});
