import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  context,
  type ContextManager,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineHarness } from './support/engine.harness.js';

/** What an SDK would keep of a span. */
interface Kept {
  readonly name: string;
  readonly parent: string | null;
  readonly attributes: Record<string, unknown>;
  status: SpanStatusCode;
  isEnded: boolean;
}

/** The least of an SDK: contexts that follow what is asynchronous, and spans that know their parents. */
class SmallSdk implements ContextManager {
  readonly spans: Kept[] = [];
  readonly #contexts = new AsyncLocalStorage<Context>();

  active = (): Context => this.#contexts.getStore() ?? ROOT_CONTEXT;
  with: ContextManager['with'] = (present, work, self, ...args) =>
    this.#contexts.run(present, () => work.apply(self as never, args));
  bind: ContextManager['bind'] = (_, target) => target;
  enable = (): this => this;
  disable = (): this => this;

  readonly tracer = {
    startSpan: (
      name: string,
      { attributes = {}, root = false }: { attributes?: object; root?: boolean } = {},
      under: Context = this.active(),
    ): Span => {
      const parent = root
        ? undefined
        : (trace.getSpan(under) as unknown as { kept: Kept } | undefined);
      const kept: Kept = {
        name,
        parent: parent?.kept.name ?? null,
        attributes: { ...attributes },
        status: SpanStatusCode.UNSET,
        isEnded: false,
      };
      if (name !== 'probe') this.spans.push(kept);
      return {
        kept,
        spanContext: () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }),
        setStatus: ({ code }: { code: SpanStatusCode }) => (kept.status = code),
        setAttribute: (key: string, value: unknown) => (kept.attributes[key] = value),
        end: () => (kept.isEnded = true),
      } as unknown as Span;
    },
  } as unknown as Tracer;
}

let sdk: SmallSdk;
let harness: EngineHarness;

beforeEach(async () => {
  sdk = new SmallSdk();
  trace.setGlobalTracerProvider({ getTracer: () => sdk.tracer });
  context.setGlobalContextManager(sdk);
  harness = new EngineHarness();
  harness.define('outer', { run: (task) => task.joinSubtasks(task.runSubtask('inner')) });
  harness.define('inner', { run: () => sdk.tracer.startSpan('work of the task').end() });
  harness.define('fails', {
    run: () => {
      throw new TypeError('a mistake');
    },
  });
  await harness.start();
  harness.engine.start();
});
afterEach(async () => {
  await harness.dispose();
  trace.disable();
  context.disable();
});

const told = (name: string): Kept => sdk.spans.find((span) => span.name === name)!;

describe('the span of a task', () => {
  it('lies below the call that submitted it, and what the task does lies below it', async () => {
    const call = sdk.tracer.startSpan('task.submit');
    const id = await context.with(trace.setSpan(context.active(), call), () =>
      harness.submit('outer'),
    );
    call.end(); // long before the task runs, for all that it knows
    expect(await harness.engine.wait(id)).toMatchObject({ state: 'FINISHED' });
    expect(told('task outer')).toMatchObject({
      parent: 'task.submit',
      attributes: { 'dispatcher.task.id': id, 'dispatcher.task.state': 'FINISHED' },
      isEnded: true,
    });
    expect(told('task inner')).toMatchObject({ parent: 'task outer', isEnded: true });
    expect(told('work of the task').parent).toBe('task inner');
  });

  it('says with which error it ended', async () => {
    await harness.engine.wait(await harness.submit('fails'));
    expect(told('task fails')).toMatchObject({
      parent: null,
      status: SpanStatusCode.ERROR,
      attributes: { 'dispatcher.task.state': 'FAILED', 'error.type': 'EFAULT' },
      isEnded: true,
    });
  });
});
