import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import { FrameIntake } from './frame-intake.js';
import { TurnClock } from './turn-clock.js';
import type { FrameReceiver, ServerWebSocket } from './web-socket.js';

// exported by ws, missing from its types
const { Receiver, Sender } = ws as unknown as {
  Receiver: new (options: object) => FrameReceiver;
  Sender: { frame(data: Buffer, options: object): Buffer[] };
};

const LIMIT = 100_000;
const NOW = { isServer: true, maxPayload: LIMIT, allowSynchronousEvents: true };

/** A receiver of ws, and what it says in words. */
function listening(): { receiver: FrameReceiver; seen: string[] } {
  const receiver = new Receiver(NOW);
  const seen: string[] = [];
  receiver.on('message', (data: Buffer) => seen.push(data.toString()));
  receiver.on('ping', (data: Buffer) => seen.push(`ping ${data.toString()}`));
  receiver.on('pong', () => seen.push('pong'));
  receiver.on('conclude', (code: number) => seen.push(`close ${code}`));
  receiver.on('error', ({ message }) => seen.push(message));
  return { receiver, seen };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** What ws alone makes of the bytes. */
async function reference(chunks: readonly Buffer[]): Promise<string[]> {
  const { receiver, seen } = listening();
  for (const chunk of chunks) if (receiver.writable) receiver.write(Buffer.from(chunk));
  await nextTurn(); // a stream tells of its errors in the next tick
  return seen;
}

interface Fed {
  readonly seen: string[];
  readonly intake: FrameIntake;
  isPaused: boolean;
}

function fed(framesPerTurn = 1_000_000): Fed {
  const { receiver, seen } = listening();
  const webSocket = {
    receiver,
    get isPaused() {
      return outcome.isPaused;
    },
    pause: () => (outcome.isPaused = true),
    resume: () => (outcome.isPaused = false),
  };
  const intake = new FrameIntake(
    webSocket as unknown as ServerWebSocket,
    {
      onText: (text) => seen.push(text),
      onBytes: () => undefined,
      bounds: () => ({ bytes: LIMIT, fragments: 1_000, pieces: 100_000 }),
    },
    { turns: new TurnClock(), framesPerTurn, hasFastPath: true },
  );
  const outcome: Fed = { seen, intake, isPaused: false };
  return outcome;
}

async function viaIntake(chunks: readonly Buffer[]): Promise<string[]> {
  const { intake, seen } = fed();
  for (const chunk of chunks) intake.push(Buffer.from(chunk));
  await nextTurn();
  return seen;
}

interface Kind {
  readonly opcode: number;
  readonly fin: boolean;
  readonly mask?: boolean;
  readonly rsv1?: boolean;
}

function frame(data: Buffer | string, options: Kind): Buffer {
  const all = { mask: true, readOnly: false, rsv1: false, ...options };
  return Buffer.concat(Sender.frame(Buffer.from(data), all));
}

const text = (data: string): Buffer => frame(data, { opcode: 1, fin: true });
const payload = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }).map((its) => Buffer.from(its)),
  fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000).map((size) => Buffer.alloc(size, 'a')),
  fc.uint8Array({ maxLength: 8 }).map((its) => Buffer.from(its)),
);
const any = fc
  .record({
    data: payload,
    opcode: fc.constantFrom(0, 1, 1, 1, 2, 8, 9, 10, 3),
    fin: fc.boolean(),
    mask: fc.constantFrom(true, true, true, true, false),
    rsv1: fc.constantFrom(false, false, false, false, true),
  })
  .map(({ data, ...kind }) => frame(data, kind));
const usual = fc
  .tuple(fc.constantFrom(1, 2, 9, 10), fc.string({ unit: 'grapheme', maxLength: 20 }))
  .map(([opcode, data]) => frame(data, { opcode, fin: true }));

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const inside = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  const edges = [0, ...inside, bytes.length];
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
}

describe('the intake of frames', () => {
  it('makes of any bytes, cut anywhere, what ws alone makes of them', async () => {
    const stream = fc
      .tuple(fc.array(usual, { maxLength: 8 }), fc.array(any, { maxLength: 6 }))
      .map(([ordinary, others]) => Buffer.concat([...ordinary, ...others]));
    await fc.assert(
      fc.asyncProperty(stream, fc.array(fc.nat(), { maxLength: 8 }), async (bytes, places) => {
        const chunks = cut(bytes, places);
        expect(await viaIntake(chunks)).toEqual(await reference(chunks));
      }),
      { numRuns: 400 },
    );
  });

  it('T2: delivers so many frames in a turn, control frames included, and reads no further meanwhile', async () => {
    const outcome = fed(4);
    const ping = frame('', { opcode: 9, fin: true });
    outcome.intake.push(Buffer.concat([text('1'), ping, text('2'), ping, text('3'), ping]));
    expect(outcome.seen).toEqual(['1', 'ping ', '2', 'ping ']);
    expect(outcome.isPaused).toBe(true);
    await nextTurn();
    await nextTurn();
    expect(outcome.seen.slice(4)).toEqual(['3', 'ping ']);
    expect(outcome.isPaused).toBe(false);
  });

  it('stops between two frames of one chunk, and keeps the order of what comes meanwhile', () => {
    const { intake, seen } = fed();
    intake.pause();
    intake.push(Buffer.concat([text('1'), text('2')]));
    intake.push(text('3'));
    expect(seen).toEqual([]);
    intake.resume();
    expect(seen).toEqual(['1', '2', '3']);
  });

  it('tells of the end when everything before it was delivered', async () => {
    const { intake, seen } = fed(1);
    intake.push(Buffer.concat([text('1'), text('2'), text('3')]));
    await new Promise<void>((resolve) => intake.end(resolve));
    expect(seen).toEqual(['1', '2', '3']);
  });
});
