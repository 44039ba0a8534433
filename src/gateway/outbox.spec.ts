import { Duplex } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { Outbox, OutboxFlusher } from './outbox.js';

/** A socket whose peer reads only when told to. */
function slowSocket() {
  const writes: Buffer[] = [];
  let release: (() => void) | null = null;
  const socket = new Duplex({
    highWaterMark: 100,
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      writes.push(chunk);
      release = () => done();
    },
  });
  return { socket, writes, read: () => release?.() };
}

const observer = () => ({ onCongested: vi.fn(), onDrained: vi.fn() });
const endOfTick = () => new Promise((resolve) => setImmediate(resolve));

describe('an outbox', () => {
  it('sends the frames of one tick in one write, in order', async () => {
    const { socket, writes } = slowSocket();
    const outbox = new Outbox(socket, new OutboxFlusher(), observer());
    outbox.push('first');
    outbox.push('second');
    expect(writes).toHaveLength(0);
    await endOfTick();
    expect(writes).toHaveLength(1);
    expect(writes[0]?.toString('latin1')).toBe('\x81\x05first\x81\x06second');
  });

  it('says when its peer does not keep up, and when it has caught up', async () => {
    const { socket, read } = slowSocket();
    const told = observer();
    const outbox = new Outbox(socket, new OutboxFlusher(), told);
    outbox.push('x'.repeat(200));
    await endOfTick();
    expect(told.onCongested).toHaveBeenCalledOnce();
    expect(outbox.isCongested).toBe(true);
    const drained = new Promise((resolve) => socket.once('drain', resolve));
    read();
    await drained;
    expect(told.onDrained).toHaveBeenCalledOnce();
    expect(outbox.pendingFrames).toBe(0);
  });

  it('is over its limit only after the grace time, and not any more once it has drained', async () => {
    const { socket, read } = slowSocket();
    const outbox = new Outbox(socket, new OutboxFlusher(), observer());
    const limits = { frames: 3, bytes: 1_000_000, graceMs: 5_000 };
    for (let i = 0; i < 5; i += 1) outbox.push('x'.repeat(100));
    await endOfTick();
    expect(outbox.isOverLimit(limits, 10_000)).toBe(false);
    expect(outbox.isOverLimit(limits, 14_999)).toBe(false);
    expect(outbox.isOverLimit(limits, 15_000)).toBe(true);
    const drained = new Promise((resolve) => socket.once('drain', resolve));
    read();
    await drained;
    expect(outbox.isOverLimit(limits, 30_000)).toBe(false);
  });
});
