import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type ApiDescription, describeApi, generateClient } from '../../codegen/index.js';
import type { Invocation } from '../command.js';
import { EXIT, UsageError } from '../exit-status.js';
import { withSession } from '../session/index.js';

/**
 * Writes the types of a server's API; resolves with 7 when `--check` finds the file stale.
 *
 * @throws UsageError when the options do not fit; Error when a file cannot be read or written
 */
export async function codegenCommand({ options, io }: Invocation): Promise<number> {
  const out = options.text('out');
  const from = options.text('from');
  if (options.has('check') && out === null) throw new UsageError('--check needs --out FILE');
  const isServer = from === null || /^wss?(?:\+unix)?:/.test(from);
  const server = from === null ? options : options.with([['url', from]]);
  const api = isServer ? await asked({ options: server, io }) : saved(from);
  const library = options.text('import');
  const text = options.has('document')
    ? `${JSON.stringify(api, null, 2)}\n`
    : generateClient(api, library === null ? {} : { library });
  if (out === null) io.output.write(text);
  else if (options.has('check')) return isSame(out, text) ? EXIT.done : EXIT.problems;
  else replace(out, text);
  return EXIT.done;
}

function asked(around: Pick<Invocation, 'options' | 'io'>): Promise<ApiDescription> {
  return withSession(around, ({ call }) =>
    describeApi(<Answer>(method: string, args: readonly unknown[] = []) =>
      call<Answer>(method, args),
    ),
  );
}

function saved(file: string): ApiDescription {
  const text = readFileSync(file, 'utf8');
  const parts = ['hash', 'definitions', 'methods', 'tasks', 'events'];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is no JSON: ${(error as Error).message}`, { cause: error });
  }
  const missing = parts.filter((part) => !Object.hasOwn(Object(value) as object, part));
  if (missing.length === 0) return value as ApiDescription;
  throw new Error(
    `${file} lacks ${missing.join(', ')}: save one with dispatcherctl codegen --document --out FILE`,
  );
}

function isSame(file: string, text: string): boolean {
  try {
    return readFileSync(file, 'utf8') === text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Whole or not at all: a build may read it meanwhile. */
function replace(file: string, text: string): void {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, text);
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
