import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Errno, RpcException } from '../common/index.js';
import { SchemaRegistry } from '../schema/index.js';
import {
  accepts,
  description,
  generator,
  h,
  Logger,
  params,
  private as internal,
  query,
  queryArray,
  type QueryParams,
  type Filter,
  requireRoles,
  returns,
  type Sender,
  sender,
  signal,
  unauthenticated,
} from '../sdk/index.js';
import { Call, type PipelineCallOptions } from './call.js';
import { CallPipeline } from './call-pipeline.js';
import { FailureReporter } from './failure-reporter.js';
import { exploreService } from './method.explorer.js';
import { ResultStream } from './result-stream.js';
import { ServiceOwner } from './service-owner.js';
import { ServiceRegistry } from './service.registry.js';

class Base {
  @accepts() inherited(): string {
    return 'must not be reached';
  }
}

class Sample extends Base {
  readonly rows = [
    { id: 1, name: 'one' },
    { id: 2, name: 'two' },
  ];

  undecorated(): string {
    return 'must not be reached';
  }

  @accepts(h.integer(), h.optional(h.integer()))
  @returns(h.integer())
  addUp(first: number, second?: number): number {
    return first + (second ?? 0);
  }

  @accepts(String)
  @returns(String)
  @params('theName')
  later(name: string): Promise<string> {
    return Promise.resolve(name);
  }

  @accepts()
  @returns(h.integer())
  lies(): number {
    return 'not a number' as unknown as number;
  }

  @accepts()
  @returns(String)
  throws(): string {
    throw new Error('secret path /etc/shadow');
  }

  @accepts()
  @returns(String)
  refuses(): string {
    throw new RpcException(Errno.EEXIST, 'It is there already', { id: 5 });
  }

  @accepts()
  @returns(h.array(h.integer()))
  @generator()
  *numbers(): Generator<number> {
    yield* [1, 2, 3];
  }

  @accepts()
  @returns(h.array(h.integer(), { minItems: 3 }))
  @generator()
  *count(): Generator<number> {
    for (let n = 0; ; n += 1) yield n;
  }

  @accepts()
  @returns(Number)
  recurses(): number {
    return this.recurses() + 1;
  }

  @query(h.object({ id: h.integer(), name: h.string() }))
  query(filter: Filter, parameters: QueryParams): unknown {
    return queryArray(this.rows, filter, parameters);
  }

  @accepts(String)
  @returns(Object)
  who(greeting: string, @signal() aborted: AbortSignal, @sender() caller: Sender): object {
    return { greeting, user: caller.user, aborted: aborted.aborted };
  }

  @accepts() @unauthenticated() open(): null {
    return null;
  }

  @accepts() @internal() hidden(): null {
    return null;
  }

  @accepts() @requireRoles('operator') restricted(): null {
    return null;
  }
}
description('A sample')(Sample);

const user = (...roles: string[]): Sender => ({
  kind: 'user',
  user: 'ann',
  roles,
  address: '127.0.0.1,1',
  sessionId: 1,
});
const anonymous: Sender = { ...user(), kind: 'anonymous', user: null };

class SilentLogger extends Logger {
  trace = vi.fn();
  debug = vi.fn();
  info = vi.fn();
  warn = vi.fn();
  error = vi.fn();
}

let logger: SilentLogger;
let registry: ServiceRegistry;
let owner: ServiceOwner;

function pipelineWith(
  resultValidation: 'enforce' | 'log' | 'off' = 'enforce',
  serviceWaitMs = 1_000,
) {
  const failures = new FailureReporter(logger, { exposesStacks: false });
  return new CallPipeline(registry, failures, {
    resultValidation,
    serviceWaitMs,
    maxCollectedItems: 5,
  });
}

function call(
  method: string,
  args: unknown = [],
  sender: Sender = user('admin'),
  options: PipelineCallOptions = {},
) {
  return new Call(method, args, sender, options);
}

beforeEach(() => {
  logger = new SilentLogger();
  registry = new ServiceRegistry();
  owner = new ServiceOwner('sample');
  registry.register(
    exploreService({ service: 'sample', instance: new Sample(), owner }, new SchemaRegistry()),
  );
});

describe('the call pipeline', () => {
  it('answers a synchronous method synchronously', () => {
    expect(pipelineWith().execute(call('sample.add_up', [1, 2]))).toBe(3);
  });

  it('takes arguments by name, by @params before the names in the source', async () => {
    const pipeline = pipelineWith();
    expect(pipeline.execute(call('sample.add_up', { second: 4, first: 1 }))).toBe(5);
    expect(await pipeline.execute(call('sample.later', { theName: 'x' }))).toBe('x');
    expect(() => pipeline.execute(call('sample.later', { name: 'x' }))).toThrow(
      'schema verification',
    );
  });

  it.each(['inherited', 'undecorated', 'constructor', 'toString', '__proto__', 'rows'])(
    'never reaches %s',
    async (name) => {
      await expect(pipelineWith().execute(call(`sample.${name}`))).rejects.toMatchObject({
        message: expect.stringMatching(/^Method not found/) as string,
      });
    },
  );

  it('fills decorated parameters after the arguments and does not count them', () => {
    const result = pipelineWith().execute(call('sample.who', ['hi']));
    expect(result).toEqual({ greeting: 'hi', user: 'ann', aborted: false });
    expect(() => pipelineWith().execute(call('sample.who', ['hi', 'more']))).toThrow(
      'schema verification',
    );
  });

  it('tells the caller nothing of an unexpected failure but a reference, and the log everything', () => {
    expect(() => pipelineWith().execute(call('sample.throws'))).toThrow(
      /^Internal error \(reference [0-9a-f]{8}\)$/,
    );
    expect(logger.error).toHaveBeenCalledOnce();
    expect(logger.error.mock.calls[0]?.[1]).toMatchObject({
      method: 'sample.throws',
      error: expect.any(Error) as Error,
    });
  });

  it('passes on what a method refuses, without an error in the log', () => {
    expect(() => pipelineWith().execute(call('sample.refuses'))).toThrow('It is there already');
    expect(logger.error).not.toHaveBeenCalled();
  });

  it('treats a result that does not fit as the configuration says', () => {
    expect(() => pipelineWith('enforce').execute(call('sample.lies'))).toThrow('Internal error');
    expect(logger.error).toHaveBeenCalledOnce();
    expect(pipelineWith('log').execute(call('sample.lies'))).toBe('not a number');
    expect(logger.warn).toHaveBeenCalledOnce();
    expect(pipelineWith('off').execute(call('sample.lies'))).toBe('not a number');
  });

  it('collects a generator, or hands it over to a caller that takes streams', async () => {
    expect(await pipelineWith().execute(call('sample.numbers'))).toEqual([1, 2, 3]);
    const stream = pipelineWith().execute(
      call('sample.numbers', [], user('admin'), { wantsStream: true }),
    );
    expect(stream).toBeInstanceOf(ResultStream);
  });

  it('ends a generator that yields more than may be collected', async () => {
    await expect(pipelineWith().execute(call('sample.count'))).rejects.toMatchObject({
      code: Errno.EOVERFLOW,
      message: expect.stringContaining('more than 5 items') as string,
    });
  });

  it('checks a fragment item by item, not as the whole array', () => {
    const stream = pipelineWith().execute(
      call('sample.count', [], user('admin'), { wantsStream: true }),
    ) as ResultStream;
    expect(() => stream.check([1])).not.toThrow();
    expect(() => stream.check([])).not.toThrow();
    expect(() => stream.check([1, 'two'])).toThrow('Internal error');
  });

  it('takes a method that recurses without end for a defect of the method', () => {
    expect(() => pipelineWith().execute(call('sample.recurses'))).toThrow('Internal error');
    expect(logger.error).toHaveBeenCalledOnce();
  });

  it.each(['sample.nothing', 'nowhere.at_all', 'sample.undecorated'])(
    'says no more of %s to a stranger than of a method that exists',
    async (method) => {
      await expect(pipelineWith().execute(call(method, [], anonymous))).rejects.toMatchObject({
        code: Errno.EACCES,
        message: 'Not logged in',
      });
    },
  );

  it('tells a stranger, too, that a path without a dot is none', async () => {
    await expect(pipelineWith().execute(call('nodot', [], anonymous))).rejects.toThrow(
      'Invalid function path',
    );
  });

  it('checks the rows of a query, unless something was selected from them', () => {
    const pipeline = pipelineWith();
    expect(pipeline.execute(call('sample.query', [[['id', '>', 1]]]))).toEqual([
      { id: 2, name: 'two' },
    ]);
    expect(pipeline.execute(call('sample.query', [null, { select: 'name' }]))).toEqual([
      'one',
      'two',
    ]);
    expect(pipeline.execute(call('sample.query', [null, { count: true }]))).toBe(2);
    expect(
      pipeline.execute(call('sample.query', { params: { single: true, sort: '-id' } })),
    ).toEqual({ id: 2, name: 'two' });
  });

  it.each([
    ['open', anonymous, null],
    ['add_up', anonymous, 'Not logged in'],
    ['hidden', user('admin'), /^Insufficient privileges: the method is private/],
    ['hidden', user('operator'), /^Insufficient privileges$/],
    ['hidden', { ...user(), kind: 'service' as const }, null],
    ['restricted', user('reader'), 'Insufficient privileges'],
    ['restricted', user('reader', 'operator'), null],
    ['restricted', user('admin'), null],
  ])('lets sample.%s pass or not, by who asks', (method, who, refusal) => {
    const run = () =>
      pipelineWith().execute(call(`sample.${method}`, method === 'add_up' ? [1] : [], who));
    if (refusal === null) expect(run).not.toThrow();
    else expect(run).toThrow(refusal);
  });
});

describe('the registry', () => {
  it('refuses a name that another owner has, naming it, also while that owner is away', () => {
    const other = {
      ...exploreService(
        { service: 'sample', instance: new Sample(), owner: new ServiceOwner('intruder') },
        new SchemaRegistry(),
      ),
    };
    expect(() => registry.register(other)).toThrow('already offered by sample');
    registry.reserve(owner);
    registry.unregister('sample');
    expect(() => registry.register(other)).toThrow('already offered by sample');
    registry.unreserve(owner);
    expect(() => registry.register(other)).not.toThrow();
  });
});
