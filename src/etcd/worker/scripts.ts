import { messageOf } from '../../common/index.js';
import { PluginCode, shareModule } from '../../plugin-host/runtime.js';
import { classMetadata } from '../../sdk/index.js';
import * as etcdSdk from '../sdk/index.js';
import { type AnyRenderer, declarationOf, FileRenderer, FileSetRenderer } from '../sdk/index.js';
import { CompiledSources } from './compiled-sources.js';
import type { TemplateFault } from '../templates/index.js';
import type { Description, SourceDirectory, SourceRef } from './messages.js';

shareModule('dispatcher/etcd', etcdSdk);

type RendererClass = new () => AnyRenderer;

interface Loaded {
  readonly code: PluginCode;
  readonly type: RendererClass;
}

/** Renderers written in TypeScript and JavaScript: one class a file, evaluated once. */
export class Scripts {
  readonly #sources: CompiledSources;
  readonly #loaded = new Map<string, Loaded>();

  constructor(directories: readonly SourceDirectory[]) {
    this.#sources = CompiledSources.of(directories);
  }

  /** @throws what the code throws; Error when its default export is no renderer */
  async make(source: SourceRef): Promise<AnyRenderer> {
    const { type } = await this.#load(source);
    return new type();
  }

  async describe(source: SourceRef): Promise<Description> {
    const { type } = await this.#load(source);
    const kind = type.prototype instanceof FileSetRenderer ? 'set' : 'file';
    const declaration = declarationOf(type);
    if (declaration !== null && declaration.kind !== kind) {
      const right = kind === 'set' ? '@fileSet with FileSetRenderer' : '@file with FileRenderer';
      throw new Error(`decorator and base class do not go together: use ${right}`);
    }
    const { description = null, deprecated = null } = classMetadata(type);
    return { kind, options: declaration?.options ?? null, description, deprecated };
  }

  /** What went wrong and, where that is known, in which line of which file. */
  fault(error: unknown, source: SourceRef): TemplateFault {
    const message = messageOf(error);
    const place = this.#loaded.get(keyOf(source))?.code.locate(error) ?? placeIn(message);
    const [, template = '', line = '', column = ''] = /^(.*):(\d+):(\d+)$/.exec(place ?? '') ?? [];
    if (line === '') return { message };
    return { message, template, line: Number(line), column: Number(column) };
  }

  async #load(source: SourceRef): Promise<Loaded> {
    const key = keyOf(source);
    const known = this.#loaded.get(key);
    if (known !== undefined) return known;
    const code = new PluginCode(`${source.directory}/${source.relative}`, this.#sources);
    await code.prepare();
    const loaded = { code, type: classOf(code.load()) };
    this.#loaded.set(key, loaded);
    return loaded;
  }
}

const keyOf = ({ directory, relative }: SourceRef): string => `${directory}/${relative}`;

/** Where the compiler's message says that the syntax is wrong. */
function placeIn(message: string): string | null {
  return /(\/\S+:\d+:\d+)/.exec(message)?.[1] ?? null;
}

function classOf(exported: unknown): RendererClass {
  const isNamespace = typeof exported === 'object' && exported !== null && 'default' in exported;
  const found: unknown = isNamespace ? exported.default : exported;
  const isRenderer =
    typeof found === 'function' &&
    ((found.prototype as unknown) instanceof FileRenderer ||
      (found.prototype as unknown) instanceof FileSetRenderer);
  if (!isRenderer) {
    throw new Error(
      'the file has no class that extends FileRenderer or FileSetRenderer as its default export',
    );
  }
  return found as unknown as RendererClass;
}
