import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { KernelNews } from './kernel-news.js';

/** News of a program that stands for `ip`. */
class NewsOf extends KernelNews {
  child: ChildProcess | undefined;

  constructor(private readonly command: readonly [string, ...string[]]) {
    super();
  }

  protected override spawn(): ChildProcess {
    const [program, ...args] = this.command;
    return (this.child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] }));
  }
}

function follow(news: KernelNews, heard: () => Promise<void>) {
  const stop = new AbortController();
  const pauses: number[] = [];
  const patience = {
    signal: stop.signal,
    pause: (ms: number) => {
      pauses.push(ms);
      return pause(1, undefined, { signal: stop.signal });
    },
  };
  const end = news.follow('link', heard, patience);
  end.catch(() => undefined);
  return { stop, pauses, end };
}

describe('news of the kernel', () => {
  it('come when the monitor writes, and the monitor is killed at the end', async () => {
    const heard = vi.fn(() => Promise.resolve());
    const news = new NewsOf(['sh', '-c', 'echo line; exec sleep 600']);
    const { stop, pauses, end } = follow(news, heard);
    await vi.waitFor(() => expect(heard).toHaveBeenCalled());
    expect(pauses[0]).toBe(100);
    const exit = once(news.child!, 'exit');
    stop.abort();
    await expect(end).rejects.toThrow('abort');
    expect((await exit)[1]).toBe('SIGTERM');
  });

  it.each<[string, ...string[]]>([['/nowhere/ip'], ['false'], ['true']])(
    'come each second where there is no monitor that works (%s)',
    async (...command) => {
      const heard = vi.fn(() => Promise.resolve());
      const { stop, pauses, end } = follow(new NewsOf(command), heard);
      await vi.waitFor(() => expect(heard.mock.calls.length).toBeGreaterThan(2));
      expect(new Set(pauses)).toEqual(new Set([1000]));
      stop.abort();
      await expect(end).rejects.toThrow('abort');
    },
  );

  it('fail when a monitor that worked ends', async () => {
    const { end } = follow(new NewsOf(['echo', 'line']), () => Promise.resolve());
    await expect(end).rejects.toThrow('ip monitor link ended');
  });
});
