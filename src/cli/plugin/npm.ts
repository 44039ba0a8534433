import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const MAX_OUTPUT = 16 * 1_024 * 1_024;

/**
 * Runs npm and resolves with what it printed.
 *
 * @throws Error with npm's own last words
 */
export async function npm(args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('npm', [...args, '--no-audit', '--no-fund'], {
      cwd,
      maxBuffer: MAX_OUTPUT,
    });
    return stdout;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT')
      throw new Error('npm is needed for this and is not installed', { cause: error });
    const lines = stderr.split('\n').filter((line) => /^npm (?:error|ERR!)/.test(line));
    throw new Error(`npm ${args[0] ?? ''} failed: ${lines.slice(0, 5).join('; ')}`, {
      cause: error,
    });
  }
}
