import type * as Swc from '@swc/core';
import { messageOf } from '../../common/index.js';
import { requireFromServer } from './host-modules.js';

/** Turns a plugin's source into what is evaluated; see {@link compilePluginSource}. */
export type Compile = (source: string, filename: string) => string;

// In a line of its own: on a shared one it would shift the columns that the source map speaks of.
const HEAD = 'module.exports = function (exports, require, module, __filename, __dirname) {\n';

const COMMON: Swc.Options = {
  swcrc: false,
  configFile: false,
  isModule: 'unknown', // a CommonJS file stays the script that it is
  sourceMaps: true,
  inlineSourcesContent: false,
  module: { type: 'commonjs' },
};

const EVERY: Swc.JscConfig = { target: 'es2022', keepClassNames: true };
const LANGUAGES: Readonly<Record<'TypeScript' | 'JavaScript', Swc.JscConfig>> = {
  TypeScript: {
    ...EVERY,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
  JavaScript: {
    ...EVERY,
    parser: { syntax: 'ecmascript', decorators: true },
    // it knows no types: metadata would tell Nest that every parameter is undefined
    transform: { legacyDecorator: true, decoratorMetadata: false },
  },
};

let version: string | undefined;

/** What compiled code depends on besides its source. Does not load the compiler. */
export function compilerVersion(): string {
  if (version === undefined) {
    const compiler = requireFromServer('@swc/core/package.json') as { readonly version: string };
    version = JSON.stringify([compiler.version, HEAD, COMMON, LANGUAGES]);
  }
  return version;
}

/**
 * Turns a plugin's source, TypeScript or JavaScript, ES module or CommonJS, into a CommonJS module
 * that keeps decorator metadata. CommonJS, because an ES module can never be unloaded again.
 *
 * The module exports one function, which is the file's body and takes what CommonJS gives to a
 * file. The map to the source stands inline at the end, where Node looks for it.
 *
 * @throws SyntaxError with `file:line:column` in its message
 */
export function compilePluginSource(source: string, filename: string): string {
  const language = /\.[mc]?ts$/.test(filename) ? 'TypeScript' : 'JavaScript';
  // Not at the top: a process that is given compiled code is spared 40 MB and a moment
  const { transformSync } = requireFromServer('@swc/core') as typeof Swc;
  try {
    const { code, map } = transformSync(source.replace(/^#!/, '//'), {
      ...COMMON,
      filename,
      jsc: LANGUAGES[language],
    });
    return `${HEAD}${code}\n};\n${inlineMap(map)}`;
  } catch (error) {
    throw new SyntaxError(describeSyntaxError(messageOf(error), filename), { cause: error });
  }
}

function inlineMap(text = '{"mappings":""}'): string {
  const map = JSON.parse(text) as { mappings: string };
  const shifted = JSON.stringify({ ...map, mappings: `;${map.mappings}` }); // the head's line
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(shifted).toString('base64')}`;
}

/**
 * The compiler reports by a drawing: the message, `[file:line:column]` of the excerpt, the lines
 * with their numbers, a caret under the fault. Out of it come one sentence and one place.
 */
function describeSyntaxError(drawing: string, filename: string): string {
  const lines = drawing.split('\n');
  const message = lines[0]?.replace(/^\s*[x×]\s*/, '').trim() ?? 'syntax error';
  const caret = lines.findIndex((line) => /^\s*[:·].*[\^┬─]/.test(line));
  const numbered = /^(\s*(\d+) [|│] )/.exec(lines[caret - 1] ?? '');
  if (numbered !== null) {
    const [, gutter = '', line = '1'] = numbered;
    const column = (lines[caret] ?? '').search(/[\^┬─]/) - gutter.length + 1;
    return `${message} (${filename}:${line}:${column})`;
  }
  const [, place = '1:1'] = /:(\d+:\d+)\]/.exec(drawing) ?? [];
  return `${message} (${filename}:${place})`;
}
