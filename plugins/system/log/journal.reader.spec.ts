import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { JournalReader } from './journal.reader.js';
import { LogBatch } from './log-batch.js';

/** A reader over a program that stands for journalctl. */
function readerOf(script: string) {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  return { child, reader: new JournalReader(child) };
}

function take(reader: JournalReader, limit: number) {
  const batch = new LogBatch(limit);
  reader.read(batch);
  return batch.take();
}

const ENTRY = `'{"MESSAGE":"hello","__REALTIME_TIMESTAMP":"1700000000000000"}'`;

describe('the journal', () => {
  it('gives what was written since the last time, then the number of what came too fast', async () => {
    const { reader } = readerOf(
      `for n in 1 2 3 4 5; do echo ${ENTRY}; done; echo rubbish; exec sleep 600`,
    );
    const texts: string[] = [];
    let total = 0;
    await vi.waitFor(() => {
      const { records, dropped } = take(reader, 2);
      texts.push(...records.map(({ text }) => text));
      total += records.length + dropped;
      expect(total).toBeGreaterThanOrEqual(5);
    });
    expect(new Set(texts)).toEqual(new Set(['hello']));
    reader.close();
  });

  it('cannot be followed after its tool ended', async () => {
    const { child, reader } = readerOf('exit 3');
    await once(child, 'exit');
    expect(() => take(reader, 1)).toThrow('journalctl ended with 3');
    reader.close();
  });

  it('takes its tool along when it is closed', async () => {
    const { child, reader } = readerOf('exec sleep 600');
    reader.close();
    expect((await once(child, 'exit'))[1]).toBe('SIGTERM');
  });
});
