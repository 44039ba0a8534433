import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { type ApiDescription, describeApi, generateClient } from '../../codegen/index.js';
import { RpcSession } from '../rpc-session.js';

export interface CodegenCommand {
  /** The words of the whole command line, `codegen` and the options before it included. */
  readonly argv: string[];
  readonly defaultUrl: string;
  /** Empty for the login without one on this machine. */
  readonly ownPassword: string;
  readonly output: Writable;
}

const CODEGEN_HELP = `Usage: dispatcherctl [--url URL] [--user NAME] codegen [--from FILE|URL] [--out FILE] [--check]

Writes one TypeScript file that types everything a server offers: its methods, tasks and events.

  --from FILE|URL    a description that was saved with --document, or a running dispatcher
  --out FILE         where to write it (default: standard output)
  --check            only say whether FILE is what would be written: status 7 when it is not
  --document         write what the server says of itself, as JSON for --from, and no TypeScript
  --import NAME      where the file finds the client library (default: dispatcher/client)

  --url URL          where the dispatcher listens
  --user NAME        whom to log in as (default: the present user)
  --help             this text
`;

/** What `--check` ends with when the file is not what would be written. */
const STALE = 7;

const OPTIONS = {
  url: { type: 'string' },
  user: { type: 'string' },
  from: { type: 'string' },
  out: { type: 'string' },
  import: { type: 'string' },
  check: { type: 'boolean' },
  document: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/**
 * Writes the types of a server's API; resolves with the exit status.
 *
 * @throws Error when the options do not fit, nobody answers, or a file cannot be read or written
 */
export async function codegenCommand(command: CodegenCommand): Promise<number> {
  const { values } = parseArgs({ args: command.argv, allowPositionals: true, options: OPTIONS });
  if (values.help === true) {
    command.output.write(CODEGEN_HELP);
    return 0;
  }
  const { out, from, user = userInfo().username } = values;
  if (values.check === true && out === undefined) throw new Error('--check needs --out FILE');
  const url = values.url ?? command.defaultUrl;
  const api =
    from !== undefined && !/^wss?:/.test(from)
      ? saved(from)
      : await asked(from ?? url, { user, password: command.ownPassword });
  const text =
    values.document === true
      ? `${JSON.stringify(api, null, 2)}\n`
      : generateClient(api, values.import === undefined ? {} : { library: values.import });
  if (out === undefined) command.output.write(text);
  else if (values.check === true) return isSame(out, text) ? 0 : STALE;
  else replace(out, text);
  return 0;
}

async function asked(
  url: string,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<ApiDescription> {
  const session = await RpcSession.open(url);
  try {
    await session.login(user, password);
    return await describeApi(
      <Answer>(method: string, args: readonly unknown[] = []) =>
        session.call(method, args) as Promise<Answer>,
    );
  } finally {
    session.close();
  }
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
