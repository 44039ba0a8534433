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

/** What an SDK would keep of a span. */
export interface KeptSpan {
  readonly name: string;
  readonly parent: string | null;
  readonly attributes: Record<string, unknown>;
  status: SpanStatusCode;
  /** How often it was ended. */
  ended: number;
}

/** The least of an SDK: contexts that follow what is asynchronous, and spans that know their parents. */
export class SmallSdk implements ContextManager {
  readonly spans: KeptSpan[] = [];
  readonly #contexts = new AsyncLocalStorage<Context>();

  active = (): Context => this.#contexts.getStore() ?? ROOT_CONTEXT;
  with: ContextManager['with'] = (present, work, self, ...args) =>
    this.#contexts.run(present, () => work.apply(self as never, args));
  bind: ContextManager['bind'] = (_, target) => target;
  enable = (): this => this;
  disable = (): this => this;

  register(): void {
    trace.setGlobalTracerProvider({ getTracer: () => this.tracer });
    context.setGlobalContextManager(this);
  }

  unregister(): void {
    trace.disable();
    context.disable();
  }

  readonly tracer = {
    startSpan: (
      name: string,
      { attributes = {}, root = false }: { attributes?: object; root?: boolean } = {},
      under: Context = this.active(),
    ): Span => {
      const parent = root
        ? undefined
        : (trace.getSpan(under) as unknown as { kept: KeptSpan } | undefined);
      const kept: KeptSpan = {
        name,
        parent: parent?.kept.name ?? null,
        attributes: { ...attributes },
        status: SpanStatusCode.UNSET,
        ended: 0,
      };
      if (name !== 'probe') this.spans.push(kept);
      return {
        kept,
        spanContext: () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }),
        setStatus: ({ code }: { code: SpanStatusCode }) => (kept.status = code),
        setAttribute: (key: string, value: unknown) => (kept.attributes[key] = value),
        end: () => (kept.ended += 1),
      } as unknown as Span;
    },
  } as unknown as Tracer;
}
