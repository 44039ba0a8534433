import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, UsageError } from '../../exit-status.js';
import { pluginFolder } from '../plugin-folder.js';
import type { PluginInvocation } from '../plugin-invocation.js';
import { printable } from '../../output/index.js';
import { describeCheck } from './describe-check.js';
import { runWorker } from './run-worker.js';

const DEFAULT_TIMEOUT_S = 10;
/** The start of the process, the shipped plugins, and what the host does not bound. */
const MARGIN_MS = 20_000;

/** @throws UsageError when the words do not fit or the folder is none */
export async function checkCommand({ operands, options, io }: PluginInvocation): Promise<number> {
  const { output, notices } = io;
  const folder = await pluginFolder(operands[0] ?? '');
  const timeoutMs = secondsOf(options.text('timeout')) * 1_000;
  const scratch = await mkdtemp(join(tmpdir(), 'dispatcher-check-'));
  const wanted = { ...folder, pluginDirs: options.all('plugin-dir'), scratch, timeoutMs };
  const answer = await runWorker(wanted, {
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
    options.has('json') ? `${JSON.stringify(report, null, 2)}\n` : describeCheck(report),
  );
  for (const warning of report.warnings) notices.write(`warning: ${printable(warning)}\n`);
  return options.has('strict') && report.warnings.length > 0 ? EXIT.problems : EXIT.done;
}

function secondsOf(text: string | null): number {
  const seconds = text === null ? DEFAULT_TIMEOUT_S : Number(text);
  if (seconds > 0 && seconds <= 3_600) return seconds;
  throw new UsageError(`--timeout: seconds from 1 to 3600, got ${JSON.stringify(text)}`);
}
