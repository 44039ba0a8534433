import { beforeEach, describe, expect, it, vi } from 'vitest';
import { coded } from '../common/index.js';
import { SchemaRegistry } from '../schema/index.js';
import { accepts, Logger, type Sender, unauthenticated } from '../sdk/index.js';
import { Call, type PipelineCallOptions } from './call.js';
import { CallPipeline } from './call-pipeline.js';
import { FailureReporter } from './failure-reporter.js';
import { exploreService } from './method.explorer.js';
import { ServiceOwner } from './service-owner.js';
import { ServiceRegistry } from './service.registry.js';

class SilentLogger extends Logger {
  trace = vi.fn();
  debug = vi.fn();
  info = vi.fn();
  warn = vi.fn();
  error = vi.fn();
}

let runs: number;

class Sample {
  @accepts() get(): string {
    runs += 1;
    return 'got';
  }

  @accepts() @unauthenticated() open(): string {
    return 'open';
  }
}

const admin: Sender = {
  kind: 'user',
  user: 'ann',
  roles: ['admin'],
  address: '127.0.0.1,1',
  sessionId: 1,
};
const anonymous: Sender = { ...admin, kind: 'anonymous', user: null, roles: [] };

let registry: ServiceRegistry;
let owner: ServiceOwner;
let pipeline: CallPipeline;

const call = (method = 'sample.get', sender = admin, options: PipelineCallOptions = {}): Call =>
  new Call(method, [], sender, options);
const execute = (made: Call): Promise<unknown> => pipeline.execute(made) as Promise<unknown>;

/** Lets everything run that waits for nothing but its turn. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

beforeEach(() => {
  runs = 0;
  registry = new ServiceRegistry();
  owner = new ServiceOwner('sample');
  pipeline = new CallPipeline(
    registry,
    new FailureReporter(new SilentLogger(), { exposesStacks: false }),
    { resultValidation: 'enforce', serviceWaitMs: 5_000, maxCollectedItems: 5 },
  );
  const source = { service: 'sample', instance: new Sample(), owner };
  registry.register(exploreService(source, new SchemaRegistry()));
  owner.hold();
});

describe('the gate of a service that is being reloaded', () => {
  it('makes calls wait and then run', async () => {
    const answer = execute(call());
    await settle();
    expect(runs).toBe(0);
    owner.release();
    expect(await answer).toBe('got');
  });

  it('makes calls wait for the next reload, too, when that begins before they had their turn', async () => {
    const answer = execute(call());
    owner.release();
    owner.hold();
    await settle();
    expect(runs).toBe(0);
    owner.release();
    expect(await answer).toBe('got');
  });

  it('lets a waiting call go at once when it is aborted, and never runs it', async () => {
    const waiting = call();
    const answer = execute(waiting);
    waiting.abort(coded('CALL_CANCELED'));
    await expect(answer).rejects.toThrow('Call was canceled');
    owner.release();
    await settle();
    expect(runs).toBe(0);
  });

  it('does not run a call that is aborted in the moment the gate opens', async () => {
    const waiting = call();
    const answer = execute(waiting);
    owner.release();
    waiting.abort(coded('CALL_CANCELED'));
    await expect(answer).rejects.toThrow('Call was canceled');
    expect(runs).toBe(0);
  });

  it('keeps the name while the service is away, and says so when it does not come back', async () => {
    registry.reserve(owner);
    registry.unregister('sample');
    const answer = execute(call());
    registry.unreserve(owner);
    owner.release();
    await expect(answer).rejects.toThrow('Service sample not found');
  });

  it('opens for the plugin itself', () => {
    expect(pipeline.execute(call('sample.get', admin, { owner: 'sample' }))).toBe('got');
  });

  it('refuses at once who may not call in any case', async () => {
    expect(() => pipeline.execute(call('sample.get', anonymous))).toThrow('Not logged in');
    const answer = execute(call('sample.open', anonymous));
    owner.release();
    expect(await answer).toBe('open');
  });
});

describe('the time a call waits for a service', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    return () => vi.useRealTimers();
  });

  it('is limited', async () => {
    const refusal = expect(execute(call())).rejects.toMatchObject({
      code: 16,
      message: expect.stringContaining('within 5 s') as string,
    });
    await vi.advanceTimersByTimeAsync(5_000);
    await refusal;
  });

  it('is one for all reloads that it has to wait for', async () => {
    const refusal = expect(execute(call())).rejects.toThrow('within 5 s');
    await vi.advanceTimersByTimeAsync(4_000);
    owner.release();
    owner.hold();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(vi.getTimerCount()).toBe(0);
    await refusal;
  });

  it('does not tell a stranger that there is such a service', async () => {
    registry.reserve(owner);
    registry.unregister('sample');
    const refusal = expect(execute(call('sample.get', anonymous))).rejects.toThrow('Not logged in');
    await vi.advanceTimersByTimeAsync(5_000);
    await refusal;
  });
});
