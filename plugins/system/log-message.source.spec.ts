import { describe, expect, it, vi } from 'vitest';
import { LogMessageSource } from './log-message.source.js';
import type { LogReader } from './log/log.reader.js';
import { parseSyslogLine } from './log/syslog-line.js';

/** A source over a log, with a second that passes when the test says so. */
function sourceOver(log: LogReader | null) {
  const open = vi.fn(() => Promise.resolve(log));
  const seconds: (() => void)[] = [];
  const members = {
    logger: { debug: vi.fn(), warn: vi.fn() },
    dispatcher: { emitEvent: vi.fn() },
    pause: (_: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        seconds.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
  };
  const source = Object.assign(new LogMessageSource({ open }), members);
  return { source, open, members, seconds };
}

const line = (text: string) => parseSyslogLine(text, new Date(0));
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the messages of the system log', () => {
  it('are published each, then the number of those that came too fast; the log is closed at the end', async () => {
    const log: LogReader = {
      place: 'here',
      source: 'file',
      read: (batch) => {
        for (let n = 0; n < 203; n += 1) batch.add(line(`line ${n}`));
      },
      close: vi.fn(),
    };
    const { source, members, seconds } = sourceOver(log);
    const stop = new AbortController();
    const run = source.run(stop.signal);
    source.enable('system.log.message');
    await settled();
    expect(members.dispatcher.emitEvent).not.toHaveBeenCalled();
    seconds.shift()?.();
    await settled();
    const events = members.dispatcher.emitEvent.mock.calls.map(([, args]) => args as object);
    expect(events).toHaveLength(201);
    expect(events[0]).toMatchObject({ source: 'file', text: 'line 0', dropped: 0 });
    expect(events.at(-1)).toMatchObject({ dropped: 3, priority: 4 });
    expect(log.close).not.toHaveBeenCalled();
    source.disable('system.log.message');
    await settled();
    expect(log.close).toHaveBeenCalledOnce();
    stop.abort();
    await run;
  });

  it('that nobody can read are complained of once', async () => {
    const { source, open, members } = sourceOver(null);
    const stop = new AbortController();
    const run = source.run(stop.signal);
    for (let round = 0; round < 2; round += 1) {
      source.enable('system.log.message');
      await settled();
      source.disable('system.log.message');
      await settled();
    }
    expect(open).toHaveBeenCalledTimes(2);
    expect(members.logger.warn).toHaveBeenCalledOnce();
    stop.abort();
    await run;
  });

  it('fail with the log, so that the server starts it again', async () => {
    const close = vi.fn();
    const read = () => {
      throw new Error('journalctl ended with 1');
    };
    const { source, seconds } = sourceOver({ place: 'j', source: 'journal', read, close });
    source.enable('system.log.message');
    const run = source.run(new AbortController().signal);
    await settled();
    seconds.shift()?.();
    await expect(run).rejects.toThrow('journalctl ended');
    expect(close).toHaveBeenCalledOnce();
  });
});
