import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const MAX_OUTPUT = 16 * 1_024 * 1_024;

/**
 * Runs npm and resolves with what it printed.
 *
 * @throws Error with npm's own last words
 */
export async function npm(
  [command = '', ...rest]: readonly string[],
  cwd: string,
): Promise<string> {
  // before the rest, in which `--` may end the options
  const words = [command, '--no-audit', '--no-fund', ...rest];
  try {
    const { stdout } = await promisify(execFile)('npm', words, {
      cwd,
      maxBuffer: MAX_OUTPUT,
    });
    return stdout;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT')
      throw new Error('npm is needed for this and is not installed', { cause: error });
    const lines = stderr.split('\n').filter((line) => /^npm (?:error|ERR!)/.test(line));
    throw new Error(`npm ${command} failed: ${lines.slice(0, 5).join('; ')}`, {
      cause: error,
    });
  }
}
