import { describe, expect, it } from 'vitest';
import { Caller, type CallerOwner } from './caller.js';
import { benchUser, nestDialect } from './dialects.js';
import type { RawSocket, SocketListener } from './raw-socket.js';

/** A socket that keeps what is written and lets the test play the server. */
class FakeSocket {
  readonly written: Buffer[] = [];
  listener: SocketListener | undefined;
  private exchanged = 0;

  readonly replies = [0, 1, 2, 3].map((n) =>
    Buffer.from(JSON.stringify(nestDialect.response(n, benchUser(n)))),
  );

  listen(listener: SocketListener): void {
    this.listener = listener;
  }

  write(frames: Buffer): void {
    this.written.push(Buffer.from(frames));
  }

  exchange(): Promise<string> {
    const reply = this.replies[this.exchanged++];
    return Promise.resolve(String(reply));
  }

  /** All these answers arrive in one read. */
  answer(...slots: readonly number[]): void {
    for (const slot of slots) {
      const reply = this.replies[slot] ?? Buffer.from('?');
      this.listener?.onMessage(reply, 0, reply.length);
    }
    this.listener?.onReadEnd();
  }
}

async function callerOf(
  socket: FakeSocket,
): Promise<{ caller: Caller; counted: number[]; owner: { isRunning: boolean } }> {
  const counted: number[] = [];
  const owner: CallerOwner & { isRunning: boolean } = {
    isRunning: true,
    onAnswers: (count) => counted.push(count),
    onFailure: (error) => {
      throw error;
    },
  };
  const users = [0, 1, 2, 3].map(benchUser);
  const calls = { dialect: nestDialect, users };
  const caller = await Caller.create(socket as unknown as RawSocket, calls, owner);
  return { caller, counted, owner };
}

describe('Caller', () => {
  it('sends one new call for each answer, in one write for one read', async () => {
    const socket = new FakeSocket();
    const { caller, counted } = await callerOf(socket);
    caller.start();
    const [all = Buffer.alloc(0)] = socket.written;
    socket.answer(0, 1, 2, 3);
    expect(counted).toEqual([4]);
    expect(socket.written).toHaveLength(2);
    expect(socket.written[1]).toEqual(all);
  });

  it('accepts answers in any order and repeats exactly the calls that were answered', async () => {
    const socket = new FakeSocket();
    const { caller, counted } = await callerOf(socket);
    caller.start();
    socket.answer(2);
    socket.answer(0);
    socket.answer(2, 0);
    expect(counted).toEqual([1, 1, 2]);
    const [all, two, zero, both] = socket.written;
    expect(both).toEqual(Buffer.concat([two ?? Buffer.alloc(0), zero ?? Buffer.alloc(0)]));
    expect(all?.includes(two ?? '')).toBe(true);
    expect(two).not.toEqual(zero);
  });

  it('runs dry once its owner stops', async () => {
    const socket = new FakeSocket();
    const { caller, owner } = await callerOf(socket);
    caller.start();
    owner.isRunning = false;
    socket.answer(0, 1, 2);
    expect(caller.isIdle).toBe(false);
    socket.answer(3);
    expect(caller.isIdle).toBe(true);
    expect(socket.written).toHaveLength(1);
  });

  it('refuses an answer it did not ask for, even a right one that comes twice', async () => {
    const socket = new FakeSocket();
    const { caller, owner } = await callerOf(socket);
    caller.start();
    owner.isRunning = false;
    socket.answer(1);
    expect(() => socket.answer(1)).toThrow(/Unexpected message/);
  });
});
