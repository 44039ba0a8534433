import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import {
  abortable,
  isDispatcherError,
  messageOf,
  stringifyExtended,
} from '../../../common/portable.js';
import { CompiledCode, PluginCode, shareModule } from '../../../plugin-host/plugin-files.js';
import { cacheFolder } from '../../cache-file.js';
import type { Invocation } from '../../command.js';
import { CommandError, EXIT, isCommandError, UsageError } from '../../exit-status.js';
import { onServer } from '../../on-server.js';
import { defaultExport } from '../plugins/default-export.js';
import type { Printer } from '../../output/index.js';
import * as cliSdk from '../../sdk/index.js';
import type { Script } from '../../sdk/index.js';

shareModule('dispatcher/cli', cliSdk);

/**
 * `run SCRIPT ARG...`: a script in TypeScript, whose default export is given a client that is logged in.
 *
 * @returns the status: that of its CommandError, else 0, or 1 when it fails
 * @throws UsageError for a file that is no script, before anybody is asked
 */
export async function runScript(invocation: Invocation): Promise<number> {
  const { operands, io } = invocation;
  const [, file = '', ...args] = operands;
  const path = resolve(file);
  if (!existsSync(path)) throw new UsageError(`${file} cannot be read: there is no such file`);
  io.endAtReturn?.();
  const folder = cacheFolder(io.env);
  const compile = folder === null ? undefined : new CompiledCode(`${folder}/cli-plugins`).compile;
  const code = new PluginCode(path, new Map(), compile);
  const script = await loaded(code, file);
  await onServer(
    invocation,
    async ({ client, signal }, printer) => {
      try {
        const work = new Promise((resolve) => resolve(script({ client, args, signal })));
        await print(await abortable(work, signal), printer);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw ownError(error, { code, file });
      }
    },
    { values: 'native' },
  );
  return typeof process.exitCode === 'number' ? process.exitCode : EXIT.done;
}

async function loaded(code: PluginCode, file: string): Promise<Script> {
  let exported: unknown;
  try {
    await code.prepare();
    exported = code.load();
  } catch (error) {
    throw new UsageError(`${file} cannot be loaded: ${placed(error, code)}`, { cause: error });
  }
  const script = defaultExport(exported);
  if (typeof script === 'function') return script as Script;
  throw new UsageError(
    `${file} has no function as its default export: export default async ({ client, args, signal }) => { … }`,
  );
}

async function print(result: unknown, printer: Printer): Promise<void> {
  if (result === undefined || result === null) return;
  if (typeof result === 'object' && Symbol.asyncIterator in result) {
    for await (const item of result as AsyncIterable<unknown>)
      await printer.printItems([data(item)]);
    return;
  }
  await printer.print(data(result));
}

const data = (value: unknown): unknown => JSON.parse(stringifyExtended(value)) as unknown;

interface Running {
  readonly code: PluginCode;
  readonly file: string;
}

/** What the server answered and what the script meant to say is told as it is, a mistake with its place. */
function ownError(error: unknown, { code, file }: Running): unknown {
  if (isDispatcherError(error)) return error;
  if (isCommandError(error) && error.exitStatus > 0) return error;
  return new CommandError(EXIT.failed, `${basename(file)}: ${placed(error, code)}`, {
    cause: error,
  });
}

function placed(error: unknown, code: PluginCode): string {
  const place = error instanceof SyntaxError ? null : code.locate(error);
  return `${messageOf(error)}${place === null ? '' : ` (${place})`}`;
}
