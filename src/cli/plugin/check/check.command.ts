import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CommandContext } from '../../command.js';
import { EXIT, UsageError } from '../../exit-status.js';
import { pluginFolder } from '../plugin-folder.js';
import { describeCheck, printable } from './describe-check.js';
import { runWorker } from './run-worker.js';

const CHECK_HELP = `Usage: dispatcherctl plugin check DIR [--plugin-dir FOLDER]... [--strict] [--json]

Loads a plugin without a server, by the server's own code, and lists what it registers. Its constructors
and \`init\` run, with stores in memory; event sources and tasks do not.

  DIR                   the plugin's folder
  --plugin-dir FOLDER   where plugins are that it depends on, besides the shipped ones
  --strict              end with status 7 when there are warnings
  --json                everything, with all schemas
  --timeout SECONDS     how long construction and \`init\` may take, each (default: 10)
`;
const OPTIONS = {
  'plugin-dir': { type: 'string', multiple: true },
  strict: { type: 'boolean' },
  json: { type: 'boolean' },
  timeout: { type: 'string' },
  help: { type: 'boolean' },
} as const;
const DEFAULT_TIMEOUT_S = 10;
/** The start of the process, the shipped plugins, and what the host does not bound. */
const MARGIN_MS = 20_000;

/** @throws UsageError when the words do not fit or the folder is none */
export async function checkCommand({ argv, output, notices }: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: OPTIONS,
  });
  if (values.help === true) {
    output.write(CHECK_HELP);
    return EXIT.done;
  }
  if (positionals.length !== 1) throw new UsageError(`Which folder?\n\n${CHECK_HELP}`);
  const folder = await pluginFolder(positionals[0] ?? '');
  const timeoutMs = secondsOf(values.timeout) * 1_000;
  const scratch = await mkdtemp(join(tmpdir(), 'dispatcher-check-'));
  const options = { ...folder, pluginDirs: values['plugin-dir'] ?? [], scratch, timeoutMs };
  const answer = await runWorker(options, {
    timeoutMs: 2 * timeoutMs + MARGIN_MS,
    notices,
  }).finally(() => rm(scratch, { recursive: true, force: true }));
  if ('failure' in answer) {
    notices.write(`Plugin ${folder.name} does not load: ${printable(answer.failure)}\n`);
    return EXIT.failed;
  }
  const { report } = answer;
  if (report.plugin.state !== 'loaded') {
    const { stage = '', error = '' } = report.plugin;
    notices.write(`Plugin ${folder.name} does not load (${stage}): ${printable(error)}\n`);
    return EXIT.failed;
  }
  output.write(
    values.json === true ? `${JSON.stringify(report, null, 2)}\n` : describeCheck(report),
  );
  for (const warning of report.warnings) notices.write(`warning: ${printable(warning)}\n`);
  return values.strict === true && report.warnings.length > 0 ? EXIT.problems : EXIT.done;
}

function secondsOf(text: string | undefined): number {
  const seconds = text === undefined ? DEFAULT_TIMEOUT_S : Number(text);
  if (seconds > 0 && seconds <= 3_600) return seconds;
  throw new UsageError(`--timeout: seconds from 1 to 3600, got ${JSON.stringify(text)}`);
}
