import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunningServer } from './application.js';
import { ServerLife } from './life.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const exit = vi.fn<(status: number) => void>();
  const fatal = vi.fn<(message: string) => void>();
  const closed = promise<undefined>();
  const server = {
    addresses: [],
    debugAddress: null,
    reloadCertificate: vi.fn(),
    reloadPlugins: vi.fn(() => Promise.reject(new Error('a plugin failed'))),
    close: vi.fn(() => closed.promise),
  } satisfies RunningServer;
  return { life: new ServerLife({ exit, fatal }), server, closed, exit, fatal };
}

function promise<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const result = new Promise<T>((take, refuse) => {
    resolve = take;
    reject = refuse;
  });
  return { promise: result, resolve, reject };
}

async function running() {
  const parts = setUp();
  await parts.life.begin(() => Promise.resolve(parts.server));
  return parts;
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('a running server', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('closes on %s and exits with 0', async (signal) => {
    const { life, server, closed, exit } = await running();
    life.receive(signal);
    expect(server.close).toHaveBeenCalledOnce();
    expect(exit).not.toHaveBeenCalled();
    closed.resolve(undefined);
    await settle();
    expect(exit.mock.calls).toEqual([[0]]);
  });

  it('exits at once on the second signal only', async () => {
    const { life, exit } = await running();
    life.end();
    life.receive('SIGTERM');
    expect(exit).not.toHaveBeenCalled();
    life.receive('SIGINT');
    expect(exit.mock.calls).toEqual([[130]]);
  });

  it('is closed once, however often its end is asked for', async () => {
    const { life, server, exit } = await running();
    life.end();
    life.end();
    life.end();
    expect(server.close).toHaveBeenCalledOnce();
    expect(exit).not.toHaveBeenCalled();
  });

  it('ends in good order but with status 1 after an error that nothing caught', async () => {
    const { life, closed, exit, fatal } = await running();
    const error = new Error('stray');
    life.crash(error);
    expect(fatal).toHaveBeenCalledWith(expect.stringContaining('nothing caught'), { error });
    closed.resolve(undefined);
    await settle();
    expect(exit.mock.calls).toEqual([[1]]);
  });

  it('keeps the worse status when it crashes while it ends', async () => {
    const { life, server, closed, exit } = await running();
    life.receive('SIGTERM');
    life.crash(new Error('stray'));
    life.end();
    closed.resolve(undefined);
    await settle();
    expect(server.close).toHaveBeenCalledOnce();
    expect(exit.mock.calls).toEqual([[1]]);
  });

  it('exits with 1 when it cannot be closed', async () => {
    const { life, closed, exit, fatal } = await running();
    life.end();
    closed.reject(new Error('disk full'));
    await settle();
    expect(fatal.mock.calls[0]?.[0]).toContain('disk full');
    expect(exit.mock.calls).toEqual([[1]]);
  });

  it('exits with 1 and one line when it does not close in time', async () => {
    const { life, exit, fatal } = await running();
    life.end();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(exit).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(fatal.mock.calls).toEqual([['The server did not stop within 30 s: it ends at once']]);
    expect(exit.mock.calls).toEqual([[1]]);
  });

  it('reloads its plugins, whose failures are no failure of the server', async () => {
    const { life, server } = await running();
    life.reload();
    await settle();
    expect(server.reloadPlugins).toHaveBeenCalledOnce();
  });

  it('reloads nothing once it ends', async () => {
    const { life, server } = await running();
    life.end();
    life.reload();
    expect(server.reloadPlugins).not.toHaveBeenCalled();
  });
});

describe('a server that starts', () => {
  it('is closed as soon as it has started when its end was asked for', async () => {
    const { life, server, closed, exit } = setUp();
    const started = promise<RunningServer>();
    const begun = life.begin(() => started.promise);
    life.receive('SIGTERM');
    expect(exit).not.toHaveBeenCalled();
    started.resolve(server);
    expect(await begun).toBeNull();
    expect(server.close).toHaveBeenCalledOnce();
    closed.resolve(undefined);
    await settle();
    expect(exit.mock.calls).toEqual([[0]]);
  });

  it('is not waited for for ever when its end was asked for', async () => {
    const { life, exit, fatal } = setUp();
    void life.begin(() => promise<RunningServer>().promise);
    life.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(fatal.mock.calls).toEqual([
      ['The server did not finish its start within 60 s: it ends at once'],
    ]);
    expect(exit.mock.calls).toEqual([[1]]);
  });

  it('has the whole time for closing however long its start took', async () => {
    const { life, server, exit } = setUp();
    const started = promise<RunningServer>();
    const begun = life.begin(() => started.promise);
    life.end();
    await vi.advanceTimersByTimeAsync(59_000);
    started.resolve(server);
    await begun;
    await vi.advanceTimersByTimeAsync(29_000);
    expect(exit).not.toHaveBeenCalled();
  });

  it('exits at once on the second signal', () => {
    const { life, exit } = setUp();
    void life.begin(() => promise<RunningServer>().promise);
    life.receive('SIGINT');
    life.receive('SIGTERM');
    expect(exit.mock.calls).toEqual([[143]]);
  });

  it('reads its plugins again afterwards when it was asked to meanwhile', async () => {
    const { life, server } = setUp();
    const started = promise<RunningServer>();
    const begun = life.begin(() => started.promise);
    life.reload();
    expect(server.reloadPlugins).not.toHaveBeenCalled();
    started.resolve(server);
    expect(await begun).toBe(server);
    expect(server.reloadPlugins).toHaveBeenCalledOnce();
  });

  it('gives up a start that still waits, and exits in good order', async () => {
    const { life, exit } = setUp();
    const begun = life.begin(
      (ending) =>
        new Promise((_, reject) => {
          ending.addEventListener('abort', () => reject(ending.reason as Error));
        }),
    );
    life.receive('SIGTERM');
    expect(await begun).toBeNull();
    expect(exit.mock.calls).toEqual([[0]]);
  });

  it('tells why a start failed that was to give up', async () => {
    const { life } = setUp();
    const started = promise<RunningServer>();
    const begun = life.begin(() => started.promise);
    life.end();
    started.reject(new Error('port in use'));
    await expect(begun).rejects.toThrow('port in use');
  });

  it('fails as its start fails', async () => {
    const { life } = setUp();
    await expect(life.begin(() => Promise.reject(new Error('port in use')))).rejects.toThrow(
      'port in use',
    );
  });
});
