import { deferred, Errno, isDispatcherError, RpcException } from '../../common/index.js';
import type { Logger } from '../../sdk/index.js';
import {
  bindRenderer,
  type Content,
  FileSetRenderer,
  isSecret,
  type RendererContext,
  type Secret,
} from '../sdk/index.js';
import { TemplateEngine } from '../templates/index.js';
import { fromDataText, requestText } from './data-text.js';
import type {
  DataRequest,
  Description,
  FromWorker,
  Outcome,
  Rendered,
  RenderedContent,
  RenderJob,
  SourceRef,
  Sources,
  ToWorker,
} from './messages.js';
import type { Scripts } from './scripts.js';

const TEMPLATE: Description = { kind: 'file', options: null, description: null, deprecated: null };

/**
 * The program of the process that renders: one job at a time, data by asking, results by message. It has no
 * rights worth mentioning and keeps nothing of a job.
 */
export class RenderProgram {
  #sources: Sources | null = null;
  #engines = new Map<string, TemplateEngine>();
  /** Loaded with the first script: the compiler costs more than all of the rest. */
  #scripts: Promise<Scripts> | null = null;
  readonly #asked = new Map<number, ReturnType<typeof deferred<unknown>>>();
  #lastAsk = 0;

  constructor(private readonly send: (message: FromWorker) => void) {}

  receive(message: ToWorker): void {
    switch (message.kind) {
      case 'load':
        this.#sources = message.sources;
        this.#engines = new Map();
        this.#scripts = null;
        return;
      case 'describe':
        void this.#describe(message.source).then((result) =>
          this.send({ kind: 'described', id: message.id, result }),
        );
        return;
      case 'render':
        void this.#render(message.id, message.job).then((result) =>
          this.send({ kind: 'rendered', id: message.id, result }),
        );
        return;
      case 'answer': {
        const waiting = this.#asked.get(message.ask);
        this.#asked.delete(message.ask);
        if ('error' in message) {
          waiting?.reject(new RpcException(message.error.code, message.error.message));
        } else waiting?.resolve(fromDataText(message.data));
      }
    }
  }

  async #describe(source: SourceRef): Promise<Outcome<Description>> {
    return this.#attempt(source, async () => {
      if (source.renderer === 'script') return (await this.#loadScripts()).describe(source);
      this.#engineOf(source.directory).parse(source.relative);
      return TEMPLATE;
    });
  }

  async #render(id: number, job: RenderJob): Promise<Outcome<Rendered>> {
    const { source } = job;
    return this.#attempt(source, async () => {
      const context = this.#contextOf(id);
      if (source.renderer === 'liquid') {
        const data = fromDataText(job.data) as Record<string, unknown>;
        return file(await this.#fill(source.directory, source.relative, { data, context }));
      }
      const renderer = await (await this.#loadScripts()).make(source);
      bindRenderer(renderer, context);
      if (renderer instanceof FileSetRenderer) return set(await renderer.render());
      if (job.template === null) return file(await renderer.render());
      const data = (await renderer.data?.()) ?? {};
      return file(await this.#fill(source.directory, job.template, { data, context }));
    });
  }

  #fill(
    directory: string,
    template: string,
    {
      data,
      context,
    }: { readonly data: Readonly<Record<string, unknown>>; readonly context: RendererContext },
  ): Promise<string> {
    const reveal = (secret: Secret): Promise<string> => context.reveal(secret);
    return this.#engineOf(directory).render(template, { facts: context.facts, ...data }, reveal);
  }

  async #attempt<T>(source: SourceRef, work: () => Promise<T>): Promise<Outcome<T>> {
    try {
      return { ok: await work() };
    } catch (error) {
      const code = isDispatcherError(error) ? { code: error.code } : {};
      const fault = { ...this.#engineOf(source.directory).describe(error), ...code };
      if (fault.line !== undefined) return { error: fault };
      const scripts = await this.#scripts;
      return { error: { ...(scripts?.fault(error, source) ?? fault), ...code } };
    }
  }

  #loadScripts(): Promise<Scripts> {
    const { directories } = this.#loaded();
    this.#scripts ??= this.#prepareScripts(directories);
    return this.#scripts;
  }

  async #prepareScripts(directories: Sources['directories']): Promise<Scripts> {
    this.send({ kind: 'preparing' });
    const { Scripts } = await import('./scripts.js');
    this.send({ kind: 'ready' });
    return new Scripts(directories);
  }

  #engineOf(directory: string): TemplateEngine {
    const known = this.#engines.get(directory);
    if (known !== undefined) return known;
    const { directories, limits } = this.#loaded();
    const files = directories.find(({ path }) => path === directory)?.files ?? {};
    const engine = new TemplateEngine(files, limits);
    this.#engines.set(directory, engine);
    return engine;
  }

  #loaded(): Sources {
    if (this.#sources === null) throw new Error('Nothing was loaded yet');
    return this.#sources;
  }

  #contextOf(id: number): RendererContext {
    const { facts, limits } = this.#loaded();
    const ask = (request: DataRequest): Promise<unknown> => this.#ask(id, request);
    return {
      call: (method, ...args) => ask({ call: [method, ...args] }),
      query: (collection, filter = null, params = null) =>
        ask({ query: [collection, filter, params] }),
      config: (key) => ask({ config: key }),
      reveal: async (secret) =>
        isSecret(secret) ? ((await ask({ reveal: secret.reference })) as string) : secret,
      logger: new SentLogger((level, message) => this.send({ kind: 'log', id, level, message })),
      signal: AbortSignal.timeout(limits.renderMs),
      facts,
    };
  }

  async #ask(id: number, request: DataRequest): Promise<unknown> {
    const ask = ++this.#lastAsk;
    const text = requestText(request);
    const waiting = deferred<unknown>();
    this.#asked.set(ask, waiting);
    this.send({ kind: 'ask', id, ask, request: text });
    return waiting.promise;
  }
}

function file(content: unknown): Rendered {
  return content === null ? { kind: 'absent' } : { kind: 'file', content: contentOf(content) };
}

function set(files: unknown): Rendered {
  if (typeof files !== 'object' || files === null) {
    throw new RpcException(Errno.EINVAL, 'render() of a file set returns contents by name');
  }
  const contents = Object.entries(files).map(([name, content]) => [name, contentOf(content)]);
  return { kind: 'set', files: Object.fromEntries(contents) as Record<string, RenderedContent> };
}

function contentOf(content: unknown): RenderedContent {
  if (typeof content === 'string') return { text: content satisfies Content };
  if (content instanceof Uint8Array) return { base64: Buffer.from(content).toString('base64') };
  throw new RpcException(
    Errno.EINVAL,
    `render() returns text, bytes or null, got ${content === undefined ? 'nothing' : typeof content}`,
  );
}

type SendLine = (level: 'trace' | 'debug' | 'info' | 'warn' | 'error', message: string) => void;

/** Lines of renderers, without fields: what is in those may be anything. */
class SentLogger implements Logger {
  constructor(private readonly line: SendLine) {}
  trace(message: string): void {
    this.line('trace', message);
  }
  debug(message: string): void {
    this.line('debug', message);
  }
  info(message: string): void {
    this.line('info', message);
  }
  warn(message: string): void {
    this.line('warn', message);
  }
  error(message: string): void {
    this.line('error', message);
  }
}
