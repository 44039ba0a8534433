import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, relative } from 'node:path';

const FRAME = /(?:\(|at )((?:file:\/\/)?\/[^()\n]+?):(\d+)(?::(\d+))?\)?$/gm;
const INLINE_MAP = /\/\/# sourceMappingURL=data:application\/json;[^,\n]*base64,([\w+/=]+)\s*$/;

/** Gives the compiled code of a file, if the file belongs to the plugin that is asked about. */
export type CompiledCodeOf = (filename: string) => string | undefined;

/**
 * Where in a plugin's sources an error was thrown: `users/user.provider.ts:12:5`, or null. Read
 * from the stack, through the inline source maps unless Node has applied them already.
 */
export function locateError(
  error: unknown,
  entry: string,
  compiledCodeOf: CompiledCodeOf,
): string | null {
  if (!(error instanceof Error) || error.stack === undefined) return null;
  // A SyntaxError of the engine has its place above the message, every other one in a frame
  const top = /^(\/[^\n]+):(\d+)\n/.exec(error.stack);
  for (const [, file = '', line = '1', column] of [
    ...(top === null ? [] : [top]),
    ...error.stack.matchAll(FRAME),
  ]) {
    const code = compiledCodeOf(file);
    if (code === undefined) continue;
    const place = toSource(code, { line: Number(line), column: Number(column ?? 1) });
    return `${relative(dirname(entry), file)}:${place.line}:${place.column}`;
  }
  return null;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

function toSource(code: string, place: Place): Place {
  if (process.sourceMapsEnabled) return place;
  const encoded = INLINE_MAP.exec(code)?.[1];
  if (encoded === undefined) return place;
  const payload = JSON.parse(Buffer.from(encoded, 'base64').toString()) as SourceMapPayload;
  const origin = new SourceMap(payload).findEntry(place.line - 1, place.column - 1);
  if (!('originalLine' in origin)) return place;
  return { line: origin.originalLine + 1, column: origin.originalColumn + 1 };
}
