import { beforeEach, describe, expect, it, vi } from 'vitest';
import { coded, Errno } from '../common/index.js';
import { Logger, type Sender } from '../sdk/index.js';
import { Call, type PipelineCallOptions } from './call.js';
import { CallPipeline } from './call-pipeline.js';
import { FailureReporter } from './failure-reporter.js';
import type { MethodHandler } from './method-handler.js';
import { ResultStream } from './result-stream.js';
import { ServiceOwner } from './service-owner.js';
import { ServiceRegistry } from './service.registry.js';

class SilentLogger extends Logger {
  trace = vi.fn();
  debug = vi.fn();
  info = vi.fn();
  warn = vi.fn();
  error = vi.fn();
}

const admin: Sender = {
  kind: 'user',
  user: 'ann',
  roles: ['admin'],
  address: '127.0.0.1,1',
  sessionId: 1,
};

let registry: ServiceRegistry;
let owner: ServiceOwner;
let pipeline: CallPipeline;
/** What the other process answers with. */
let answer: (call: Call) => Promise<unknown>;

const execute = (
  args: unknown,
  options: PipelineCallOptions = {},
  method = 'far.get',
): Promise<unknown> => pipeline.execute(new Call(method, args, admin, options)) as Promise<unknown>;

function handlerOf(name: string): MethodHandler | undefined {
  if (name.startsWith('_')) return undefined;
  return {
    service: 'far',
    name,
    owner,
    access: { isUnauthenticated: false, isPrivate: false, roles: [], method: `far.${name}` },
    argumentsValidator: null,
    resultValidator: null,
    fragmentValidator: null,
    isQuery: false,
    isGenerator: true,
    isForwarded: true,
    parameterNames: null,
    description: {} as MethodHandler['description'],
    invoke: (_, call) => answer(call),
  };
}

beforeEach(() => {
  registry = new ServiceRegistry();
  owner = new ServiceOwner('far (unix,1)');
  pipeline = new CallPipeline(
    registry,
    new FailureReporter(new SilentLogger(), { exposesStacks: false }),
    { resultValidation: 'enforce', serviceWaitMs: 5_000, maxCollectedItems: 5 },
  );
  answer = ({ args }) => Promise.resolve(args);
  const remote = { handlerOf, describe: () => Promise.resolve([]) };
  registry.register({ name: 'far', owner, description: null, methods: new Map(), remote });
});

async function* items(): AsyncGenerator<number> {
  yield await Promise.resolve(1);
  yield 2;
}

describe('a call of a service in another process', () => {
  it.each([[[1, 2]], [{ name: 'x' }], [null]])('passes the arguments %j as given', async (args) => {
    expect(await execute(args)).toEqual(args);
  });

  it('finds only what can be a method', async () => {
    await expect(execute([], {}, 'far.__init__')).rejects.toMatchObject({ code: Errno.ENOENT });
    registry.unregister('far');
    await expect(execute([])).rejects.toMatchObject({ code: Errno.ENOENT });
  });

  it('takes an array for an array, whoever asks, and only an async iterable for a stream', async () => {
    answer = () => Promise.resolve([1, 2]);
    expect(await execute([], { wantsStream: true })).toEqual([1, 2]);
    answer = () => Promise.resolve(items());
    expect(await execute([], { wantsStream: true })).toBeInstanceOf(ResultStream);
    expect(await execute([])).toEqual([1, 2]);
  });

  it('that waits at the gate fails with the reason when the service ends', async () => {
    owner.hold();
    const waiting = execute([]);
    owner.end(coded('SERVICE_GONE'));
    await expect(waiting).rejects.toMatchObject({ code: Errno.ECONNABORTED });
  });
});

describe('who waits for services to come', () => {
  it('hears of each that is registered until it stops listening, also within the call', () => {
    const heard: string[] = [];
    const stop = registry.onRegistered((name) => {
      heard.push(name);
      stop();
    });
    const other = registry.onRegistered((name) => void heard.push(`other ${name}`));
    registry.register({ name: 'a', owner, description: null, methods: new Map() });
    registry.register({ name: 'b', owner, description: null, methods: new Map() });
    other();
    registry.register({ name: 'c', owner, description: null, methods: new Map() });
    expect(heard).toEqual(['a', 'other a', 'other b']);
  });
});
