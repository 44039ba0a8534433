import { compilePluginSource } from '../../plugin-host/runtime.js';
import type { SourceDirectory } from './messages.js';

const CODE = /\.[mc]?[tj]s$/;

/** The texts of plugin directories by absolute path, compiled when they are first asked for. */
export class CompiledSources extends Map<string, string> {
  readonly #compiled = new Set<string>();

  static of(directories: readonly SourceDirectory[]): CompiledSources {
    const sources = new CompiledSources();
    for (const { path, files } of directories) {
      for (const [relative, text] of Object.entries(files))
        sources.set(`${path}/${relative}`, text);
    }
    return sources;
  }

  /** @throws SyntaxError with `file:line:column` in its message */
  override get(path: string): string | undefined {
    const text = super.get(path);
    if (text === undefined || !CODE.test(path) || this.#compiled.has(path)) return text;
    const compiled = compilePluginSource(text, path);
    this.#compiled.add(path);
    this.set(path, compiled);
    return compiled;
  }
}
