import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogBatch } from './log-batch.js';
import { LogFileReader } from './log-file.reader.js';

let folder: string;
let path: string;
let reader: LogFileReader;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-'));
  path = join(folder, 'messages');
  await writeFile(path, 'old\n');
  reader = (await LogFileReader.open([join(folder, 'syslog'), path]))!;
});
afterEach(async () => {
  await reader.close();
  await rm(folder, { recursive: true });
});

async function news(limit = 100): Promise<string[]> {
  const batch = new LogBatch(limit);
  await reader.read(batch);
  const { records, dropped } = batch.take();
  const rest = dropped > 0 ? [`and ${dropped}`] : [];
  return [...records.map(({ text }) => text), ...rest];
}

describe('a log file', () => {
  it('is the first that can be read, from its end on', async () => {
    expect(reader.place).toBe(path);
    expect(await news()).toEqual([]);
    await appendFile(path, 'one\ntwo\n');
    expect(await news()).toEqual(['one', 'two']);
    expect(await LogFileReader.open([join(folder, 'syslog')])).toBeNull();
  });

  it('gives a line when it is whole, also when a letter was half written', async () => {
    const bytes = Buffer.from('caf\u00e9\n');
    await appendFile(path, bytes.subarray(0, 4));
    expect(await news()).toEqual([]);
    await appendFile(path, bytes.subarray(4));
    expect(await news()).toEqual(['caf\u00e9']);
  });

  it('is read to its end after it was renamed, then the new one from its start', async () => {
    await appendFile(path, 'last\n');
    await rename(path, `${path}.1`);
    await appendFile(`${path}.1`, 'very last\n');
    expect(await news()).toEqual(['last', 'very last']);
    await writeFile(path, 'first\n');
    expect(await news()).toEqual(['first']);
  });

  it('that was emptied is read from its start', async () => {
    await appendFile(path, 'some more\n');
    await news();
    await truncate(path);
    await appendFile(path, 'new\n');
    expect(await news()).toEqual(['new']);
  });

  it('that is flooded gives the first lines and the number of the others', async () => {
    await appendFile(path, Array.from({ length: 5000 }, (_, n) => `line ${n}\n`).join(''));
    expect(await news(2)).toEqual(['line 0', 'line 1', 'and 4998']);
    expect(await news()).toEqual([]);
  });
});
