import { beforeEach, describe, expect, it } from 'vitest';
import { Errno, Password } from '../../common/index.js';
import type { Frame } from './frame.js';
import { parseFrame } from './frame.codec.js';
import { OutgoingCalls } from './outgoing-calls.js';

const OPEN = new AbortController().signal;

let sent: Frame[];
let calls: OutgoingCalls;

beforeEach(() => {
  sent = [];
  calls = new OutgoingCalls((text) => sent.push(parseFrame(text) as Frame));
});

const call = (signal = OPEN): Promise<unknown> => calls.call('etcd.generate', ['x'], { signal });
const lastId = (): Frame['id'] => sent.findLast(({ name }) => name === 'call')?.id ?? null;
const frames = (): string[] => sent.map(({ name, args }) => `${name} ${JSON.stringify(args)}`);

function answer(name: string, args: unknown, id = lastId()): void {
  calls.receive(parseFrame(JSON.stringify({ namespace: 'rpc', name, id, args })) as Frame);
}

/** A call whose first fragment has come. */
async function streamOf(...items: unknown[]): Promise<AsyncIterableIterator<unknown>> {
  const outcome = call();
  answer('fragment', { seqno: 1, fragment: items });
  return (await outcome) as AsyncIterableIterator<unknown>;
}

describe('A call to a client', () => {
  it('is sent under an id of the server’s own and ends with the response', async () => {
    const outcome = call();
    expect(sent).toMatchObject([
      { namespace: 'rpc', name: 'call', args: { method: 'etcd.generate', args: ['x'] } },
    ]);
    answer('response', { when: { $date: '1970-01-01T00:00:00.000Z' } });
    expect(await outcome).toEqual({ when: new Date(0) });
    expect(calls.size).toBe(0);
  });

  it('hands over a secret readable, for it is meant for the service', async () => {
    const given = { key: [new Password('hunter2')], at: new Date(0) };
    const outcome = calls.call('etcd.generate', given, { signal: OPEN });
    expect(sent[0]?.args).toMatchObject({
      args: { key: [{ $password: 'hunter2' }], at: { $date: '1970-01-01T00:00:00.000Z' } },
    });
    answer('response', null);
    await outcome;
  });

  it('gives the caller the error of the client, but nothing out of shape or size', async () => {
    const first = call();
    answer('error', { code: 17, message: 'File exists', extra: { path: '/x' } });
    await expect(first).rejects.toMatchObject({ code: 17, extra: { path: '/x' } });
    const second = call();
    answer('error', { code: 'x', message: 'y'.repeat(10_000), extra: 'z'.repeat(300_000) });
    const error = (await second.catch((reason: unknown) => reason)) as Error;
    expect(error).toMatchObject({ code: Errno.EFAULT, extra: undefined });
    expect(error.message).toHaveLength(4_096);
    const third = call();
    answer('error', null);
    await expect(third).rejects.toMatchObject({ code: Errno.EFAULT });
  });

  it('takes one answer; later ones and those of nobody’s call are dropped', async () => {
    const outcome = call();
    const id = lastId();
    answer('response', 1);
    for (const name of ['response', 'error', 'fragment', 'end', 'close']) {
      answer(name, 2, id);
      answer(name, 2, 'server-99');
      answer(name, 2, null);
    }
    expect(await outcome).toBe(1);
    expect(sent).toHaveLength(1);
  });

  it('is told off when a value of the answer cannot be read', async () => {
    const outcome = call();
    answer('response', { $date: 'yesterday' });
    await expect(outcome).rejects.toMatchObject({ code: Errno.EFAULT });
    expect(frames().slice(1)).toEqual(['abort null']);
  });

  it('is aborted by its signal; what comes afterwards is dropped', async () => {
    const controller = new AbortController();
    const outcome = call(controller.signal);
    controller.abort();
    await expect(outcome).rejects.toMatchObject({ code: Errno.ECANCELED });
    expect(frames().slice(1)).toEqual(['abort null']);
    answer('close', null);
    answer('response', 'too late');
    expect(calls.size).toBe(0);
    await expect(call(controller.signal)).rejects.toMatchObject({ code: Errno.ECANCELED });
  });

  it('fails when the client closes it unanswered or goes', async () => {
    const closed = call();
    answer('close', null);
    await expect(closed).rejects.toMatchObject({ code: Errno.EFAULT });
    const pending = call();
    const stream = await streamOf(1);
    await stream.next();
    const next = stream.next();
    calls.end(new Error('gone'));
    await expect(pending).rejects.toThrow('gone');
    await expect(next).rejects.toThrow('gone');
    expect(calls.size).toBe(0);
  });

  it('is refused when too many wait already', async () => {
    const all = Array.from({ length: 8_192 }, () => call());
    await expect(call()).rejects.toMatchObject({ code: Errno.EBUSY });
    calls.end(new Error('gone'));
    expect((await Promise.allSettled(all)).every(({ status }) => status === 'rejected')).toBe(true);
  });
});

describe('A stream of a client', () => {
  it('is pulled: the next fragment is asked for when the last item was taken', async () => {
    const stream = await streamOf(1, 2);
    expect(await stream.next()).toMatchObject({ value: 1 });
    expect(await stream.next()).toMatchObject({ value: 2 });
    expect(frames().slice(1)).toEqual([]);
    const third = stream.next();
    expect(frames().slice(1)).toEqual(['continue 2']);
    answer('fragment', { seqno: 2, fragment: [] });
    await Promise.resolve();
    await Promise.resolve();
    answer('fragment', { seqno: 3, fragment: [3] });
    expect(await third).toMatchObject({ value: 3 });
    const last = stream.next();
    answer('end', 4);
    answer('close', null);
    expect(await last).toMatchObject({ done: true });
    expect(await stream.next()).toMatchObject({ done: true });
    expect(calls.size).toBe(0);
  });

  it('may be empty', async () => {
    const outcome = call();
    answer('end', 1);
    expect(await ((await outcome) as AsyncIterator<unknown>).next()).toMatchObject({ done: true });
  });

  it('is aborted when its reader leaves, and only then', async () => {
    const stream = await streamOf(1, 2);
    await stream.next();
    await stream.return?.();
    await stream.return?.();
    expect(frames().slice(1)).toEqual(['abort null']);
    expect(await stream.next()).toMatchObject({ done: true });
    expect(calls.size).toBe(0);
  });

  it.each<[string, string, unknown]>([
    ['an unasked fragment', 'fragment', { seqno: 2, fragment: [2] }],
    ['a response', 'response', 5],
    ['a wrong end', 'end', 9],
  ])('ends with an error and an abort at %s', async (_, name, args) => {
    const stream = await streamOf(1);
    answer(name, args);
    expect(await stream.next()).toMatchObject({ value: 1 });
    await expect(stream.next()).rejects.toMatchObject({ code: Errno.EFAULT });
    expect(frames().slice(1)).toEqual(['abort null']);
  });

  it.each([
    [null],
    [7],
    [{ seqno: 1 }],
    [{ seqno: 2, fragment: [] }],
    [{ seqno: 1, fragment: 'x' }],
  ])('is none when its first fragment is %j', async (args) => {
    const outcome = call();
    answer('fragment', args);
    await expect(outcome).rejects.toMatchObject({ code: Errno.EFAULT });
    expect(calls.size).toBe(0);
  });

  it('passes on an error midway', async () => {
    const stream = await streamOf(1);
    await stream.next();
    const next = stream.next();
    answer('error', { code: 5, message: 'The disk is gone' });
    await expect(next).rejects.toMatchObject({ code: 5, message: 'The disk is gone' });
  });

  it('takes one fragment for one request, however quickly the second comes', async () => {
    const stream = await streamOf(1);
    await stream.next();
    const next = stream.next();
    answer('fragment', { seqno: 2, fragment: [2] });
    answer('fragment', { seqno: 3, fragment: [3] });
    expect(await next).toMatchObject({ value: 2 });
    await expect(stream.next()).rejects.toMatchObject({ code: Errno.EFAULT });
  });
});
