import { SpanStatusCode } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MetricsPage } from '../../test/support/metrics-page.js';
import { SmallSdk } from '../../test/support/small-sdk.js';
import { currentCause, Errno, RpcException } from '../common/index.js';
import { MetricsRegistry } from '../metrics/index.js';
import { SchemaRegistry } from '../schema/index.js';
import { accepts, generator, h, Logger, requireRoles, returns, type Sender } from '../sdk/index.js';
import { Call, type PipelineCallOptions } from './call.js';
import { CallPipeline } from './call-pipeline.js';
import { CallTallies } from './call-tallies.js';
import { CallTracer } from './call-tracer.js';
import { CallInstrumentation } from './call-instrumentation.js';
import { FailureReporter } from './failure-reporter.js';
import { exploreService } from './method.explorer.js';
import { ResultStream } from './result-stream.js';
import { ServiceOwner } from './service-owner.js';
import { ServiceRegistry } from './service.registry.js';

const seen: (string | null)[] = [];
const note = (): void => void seen.push(currentCause());

let goOn: () => void = () => undefined;

class Sample {
  @accepts() waiting(): Promise<null> {
    return new Promise((resolve) => (goOn = () => resolve(null)));
  }

  @accepts() @returns(String) quick(): string {
    note();
    return 'quick';
  }

  @accepts() @returns(String) async slow(): Promise<string> {
    await Promise.resolve();
    note();
    return 'slow';
  }

  @accepts() refuse(): never {
    throw new RpcException(Errno.EBUSY, 'not now');
  }

  @accepts() async crash(): Promise<never> {
    await Promise.resolve();
    throw new TypeError('a mistake');
  }

  @accepts() @returns(Number) lie(): number {
    return 'text' as unknown as number;
  }

  @accepts(h.integer()) @requireRoles('admin') guarded(count: number): number {
    return count;
  }

  @accepts(h.integer()) @generator() async *items(count: number): AsyncGenerator<number> {
    for (let item = 0; item < count; item += 1) {
      await Promise.resolve();
      note();
      yield item;
    }
    if (count > 2) throw new RpcException(Errno.EIO, 'The disk is gone');
  }
}

class SilentLogger extends Logger {
  readonly causes: (string | null)[] = [];
  override trace(): void {}
  override debug(): void {}
  override info(): void {}
  override warn(): void {}
  override error(): void {
    this.causes.push(currentCause());
  }
}

const admin: Sender = {
  kind: 'service',
  user: 'test',
  roles: ['admin'],
  address: 'unix,1',
  sessionId: null,
};
const nobody: Sender = { ...admin, kind: 'anonymous', user: null, roles: [] };

let tallies: CallTallies;
let logger: SilentLogger;

beforeEach(() => {
  tallies = new CallTallies();
  logger = new SilentLogger();
  seen.length = 0;
});

function pipeline(tracer: CallTracer | null = null): CallPipeline {
  const registry = new ServiceRegistry();
  const owner = new ServiceOwner('test');
  registry.register(
    exploreService({ service: 'sample', instance: new Sample(), owner }, new SchemaRegistry()),
  );
  const options = {
    resultValidation: 'enforce',
    serviceWaitMs: 10,
    maxCollectedItems: 10,
  } as const;
  const failures = new FailureReporter(logger, { exposesStacks: false });
  return new CallPipeline(registry, failures, options, new CallInstrumentation(tallies, tracer));
}

interface Made {
  readonly call: Call;
  readonly outcome: unknown;
}

async function make(
  through: CallPipeline,
  method: string,
  args: unknown[] = [],
  { sender = admin, ...options }: PipelineCallOptions & { readonly sender?: Sender } = {},
): Promise<Made> {
  const call = new Call(method, args, sender, options);
  try {
    return { call, outcome: await through.execute(call) };
  } catch (error) {
    return { call, outcome: error };
  }
}

async function allOf(items: ResultStream['items']): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function page(): Promise<MetricsPage> {
  const registry = new MetricsRegistry(vi.fn());
  registry.add(tallies);
  return new MetricsPage((await registry.page()).text);
}

describe('the numbers of calls', () => {
  it('are those of what was called, whichever way a call ends', async () => {
    const through = pipeline();
    for (const method of ['quick', 'quick', 'slow', 'refuse', 'crash', 'lie']) {
      await make(through, `sample.${method}`);
    }
    await make(through, 'sample.quick', ['surplus']);
    await make(through, 'sample.guarded', [1], { sender: nobody });
    await make(through, 'sample.items', [2]);
    await make(through, 'sample.items', [3]);
    const numbers = await page();
    const count = (method: string): number[] => [
      numbers.number('dispatcher_calls_total', { method: `sample.${method}` }),
      numbers.histogram('dispatcher_call_duration_seconds', { method: `sample.${method}` }).count,
    ];
    const failed = (method: string, error: string): number =>
      numbers.number('dispatcher_call_errors_total', { method: `sample.${method}`, error });
    expect(count('quick')).toEqual([3, 3]);
    expect(count('slow')).toEqual([1, 1]);
    expect(count('items')).toEqual([2, 2]);
    expect(failed('quick', 'EINVAL')).toBe(1);
    expect(failed('refuse', 'EBUSY')).toBe(1);
    expect(failed('crash', 'EFAULT')).toBe(1);
    expect(failed('lie', 'EFAULT')).toBe(1);
    expect(failed('guarded', 'EACCES')).toBe(1);
    expect(failed('items', 'EIO')).toBe(1);
    expect(numbers.number('dispatcher_calls_running')).toBe(0);
  });

  it('show calls that have not been answered', async () => {
    const through = pipeline();
    const pending = through.execute(new Call('sample.waiting', [], admin)) as Promise<unknown>;
    expect((await page()).number('dispatcher_calls_running')).toBe(1);
    goOn();
    await pending;
    expect((await page()).number('dispatcher_calls_running')).toBe(0);
  });

  it('have no place for names that callers make up', async () => {
    const through = pipeline();
    for (let index = 0; index < 50; index += 1) {
      await make(through, `sample.made_up_${index}`);
      await make(through, `made_up_${index}.method`);
    }
    const numbers = await page();
    expect(numbers.values('dispatcher_calls_total', 'method')).toEqual([]);
    expect(numbers.number('dispatcher_calls_refused_total', { error: 'ENOENT' })).toBe(100);
  });

  it('put what is past the cap into one place, and a foreign process into one for each service', () => {
    tallies = new CallTallies(2);
    const method = (name: string, isForwarded?: true): string =>
      tallies.of({ service: 'far', name, isForwarded } as never).method;
    expect([method('a', true), method('b', true)]).toEqual(['far.*', 'far.*']);
    expect([method('c'), method('d'), method('e')]).toEqual(['far.c', 'others', 'others']);
  });

  it('end a stream when it is handed over, and count what breaks it later', async () => {
    const { outcome } = await make(pipeline(), 'sample.items', [3], { wantsStream: true });
    expect((await page()).number('dispatcher_calls_running')).toBe(0);
    const { items } = outcome as ResultStream;
    await expect(allOf(items)).rejects.toThrow('disk is gone');
    expect(
      (await page()).number('dispatcher_call_errors_total', {
        method: 'sample.items',
        error: 'EIO',
      }),
    ).toBe(1);
  });
});

describe('the cause of what a method does', () => {
  it('is its call, before and after it waited, in streams and in the log of its failure', async () => {
    const through = pipeline();
    const calls = [
      await make(through, 'sample.quick'),
      await make(through, 'sample.slow'),
      await make(through, 'sample.items', [1]),
    ];
    expect(seen).toEqual(calls.map(({ call }) => call.cause));
    expect(new Set(seen).size).toBe(3);
    const { call, outcome } = await make(through, 'sample.items', [2], { wantsStream: true });
    await allOf((outcome as ResultStream).items);
    expect(seen.slice(3)).toEqual([call.cause, call.cause]);
    const crashed = await make(through, 'sample.crash');
    expect(logger.causes).toEqual([crashed.call.cause]);
    expect(currentCause()).toBeNull();
  });

  it('is handed on by who calls in turn', async () => {
    const { call } = await make(pipeline(), 'sample.quick', [], { cause: 'f'.repeat(32) });
    expect(call.cause).toBe('f'.repeat(32));
    expect(seen).toEqual(['f'.repeat(32)]);
  });
});

describe('a span', () => {
  const sdk = new SmallSdk();
  afterEach(() => sdk.unregister());

  it('is made for no call where no SDK is registered', () => {
    expect(CallTracer.ofRegisteredSdk()).toBeNull();
  });

  it('tells of each call what it was, how it ended and, as its cause, which trace it is in', async () => {
    sdk.register();
    const through = pipeline(CallTracer.ofRegisteredSdk());
    const { call } = await make(through, 'sample.slow');
    await make(through, 'sample.refuse');
    expect(call.cause).toBe('a'.repeat(32));
    expect(sdk.spans).toMatchObject([
      { name: 'sample.slow', attributes: { 'rpc.method': 'slow' }, ended: 1 },
      {
        name: 'sample.refuse',
        status: SpanStatusCode.ERROR,
        attributes: { 'error.type': 'EBUSY' },
        ended: 1,
      },
    ]);
  });
});
