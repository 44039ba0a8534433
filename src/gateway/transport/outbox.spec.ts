import { Duplex } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { EventBatch } from '../protocol/event-batch.js';
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
const LIMITS = { frames: 3, bytes: 10_000, graceMs: 5_000 };
const parts = () => ({ flusher: new OutboxFlusher(), limits: LIMITS });
const endOfTick = () => new Promise((resolve) => setImmediate(resolve));

describe('an outbox', () => {
  it('sends the frames of one tick in one write, in order', async () => {
    const { socket, writes } = slowSocket();
    const outbox = new Outbox(socket, parts(), observer());
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
    const outbox = new Outbox(socket, parts(), told);
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
    const outbox = new Outbox(socket, parts(), observer());
    for (let i = 0; i < 5; i += 1) outbox.push('x'.repeat(100));
    await endOfTick();
    expect(outbox.isOverLimit(10_000)).toBe(false);
    expect(outbox.isOverLimit(14_999)).toBe(false);
    expect(outbox.isOverLimit(15_000)).toBe(true);
    const drained = new Promise((resolve) => socket.once('drain', resolve));
    read();
    await drained;
    expect(outbox.isOverLimit(30_000)).toBe(false);
  });

  it('puts the events of a tick into one frame for who wants bursts, between its answers', async () => {
    const { socket, writes } = slowSocket();
    const outbox = new Outbox(socket, parts(), observer());
    outbox.setEventForm('burst');
    const [a, b, c] = ['1', '2', '3'].map((json) => new EventBatch(json));
    outbox.push('before');
    outbox.pushEvent(a!);
    outbox.pushEvent(b!);
    outbox.push('answer');
    outbox.pushEvent(c!);
    await endOfTick();
    expect(writes).toHaveLength(1);
    expect(writes[0]?.toString('latin1')).toMatch(
      /before.*"name":"event_burst".*{"events":\[1,2\]}}.*answer.*"name":"event".*"args":3}/,
    );
  });

  it('writes one and the same buffer to everybody who gets the same events in a tick', async () => {
    const clients = [slowSocket(), slowSocket(), slowSocket()];
    const [first, second] = [new EventBatch('1'), new EventBatch('2')];
    const outboxes = clients.map(({ socket }) => new Outbox(socket, parts(), observer()));
    for (const outbox of outboxes) outbox.pushEvent(first);
    for (const outbox of outboxes) outbox.pushEvent(second);
    await endOfTick();
    const [one, ...others] = clients.map(({ writes }) => writes);
    expect(one).toHaveLength(1);
    for (const other of others) expect(other[0]?.buffer).toBe(one?.[0]?.buffer);
  });

  it('does not count the largest piece that waits: a long answer is not too much by itself', async () => {
    const { socket } = slowSocket();
    const outbox = new Outbox(socket, parts(), observer());
    outbox.push('x'.repeat(1_000_000));
    await endOfTick();
    expect(outbox.isOverLimit(0)).toBe(false);
    expect(outbox.isOverLimit(9_000)).toBe(false);
    for (let i = 0; i < 3; i += 1) {
      outbox.push('x'.repeat(9_000));
      await endOfTick();
    }
    expect(outbox.isOverLimit(10_000)).toBe(false);
    expect(outbox.isOverLimit(15_000)).toBe(true);
  });

  it('takes nothing more, and is over its limit at once, when it is several times past it', async () => {
    const { socket } = slowSocket();
    const outbox = new Outbox(socket, parts(), observer());
    for (let i = 0; i < 50; i += 1) {
      outbox.push('x'.repeat(9_000));
      await endOfTick();
    }
    expect(outbox.pendingBytes).toBeLessThan(70_000);
    expect(outbox.isOverLimit(0)).toBe(true);
  });

  it('takes nothing more when it is several times past its limit of frames', async () => {
    const { socket } = slowSocket();
    const outbox = new Outbox(socket, parts(), observer());
    outbox.push('x'.repeat(200));
    await endOfTick();
    for (let i = 0; i < 100; i += 1) outbox.push('x');
    expect(outbox.pendingFrames).toBeLessThan(20);
    expect(outbox.isOverLimit(0)).toBe(true);
  });

  it('T8: writes nothing to a socket without room, and all in order when there is room again', async () => {
    const { socket, writes, read } = slowSocket();
    const outbox = new Outbox(socket, parts(), observer());
    outbox.push('x'.repeat(200));
    await endOfTick();
    outbox.push('first');
    outbox.pushEvent(new EventBatch('1'));
    outbox.push('last');
    await endOfTick();
    expect(writes).toHaveLength(1);
    expect(outbox.pendingFrames).toBe(4);
    while (outbox.pendingFrames > 0) {
      read();
      await endOfTick();
    }
    expect(Buffer.concat(writes.slice(1)).toString('latin1')).toMatch(/first.*"args":1}.*last$/);
  });

  it('T8: leaves nothing between the socket and a close frame when it was told to forget', async () => {
    const { socket } = slowSocket();
    const outbox = new Outbox(socket, parts(), observer());
    outbox.push('x'.repeat(200));
    await endOfTick();
    const held = socket.writableLength;
    for (let i = 0; i < 5; i += 1) outbox.push('x'.repeat(9_000));
    outbox.discard();
    outbox.flushAll();
    expect(socket.writableLength).toBe(held);
  });

  it('writes everything at once when it is asked to, room or not', async () => {
    const { socket } = slowSocket();
    const outbox = new Outbox(socket, parts(), observer());
    outbox.push('x'.repeat(200));
    await endOfTick();
    outbox.push('goodbye');
    outbox.flushAll();
    expect(socket.writableLength).toBe(204 + 9); // frames with their headers
  });
});
