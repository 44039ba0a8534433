import { readFileSync } from 'node:fs';
import { UsageError } from '../../../exit-status.js';
import { type BuiltIn, oneText, silently } from './built-in.js';
import { dump } from './dump.js';

const MAX_DEPTH = 20;

const source = silently(async (call) => {
  const { evaluation } = call;
  const file = await oneText(call, 'the name of a file');
  if (!evaluation.shell.options.hasFiles)
    throw new UsageError(`source ${file}: files are left alone here`);
  if (evaluation.depth >= MAX_DEPTH)
    throw new UsageError(`source ${file}: scripts are nested too deeply`);
  const script = { text: read(file), name: file };
  await evaluation.runner.run(script, { ...evaluation, depth: evaluation.depth + 1 });
});

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new UsageError(`source: ${file} cannot be read: ${code ?? message}`, { cause });
  }
}

export const SCRIPTS: readonly (readonly [string, BuiltIn])[] = [
  ['source', source],
  ['dump', dump],
];
