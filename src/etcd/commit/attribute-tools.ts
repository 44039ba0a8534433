import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { CopyOutcome } from '../../system/index.js';
import { PROGRAM_PATH } from './bounded-command.js';

const env = { PATH: PROGRAM_PATH, NODE_V8_COVERAGE: undefined };

/**
 * Copies extended attributes by `getfattr | setfattr`, where the C library cannot be reached. The two
 * inherit the open files as 3, so that no path is looked up again.
 */
export async function copyByTools(from: number, to: number): Promise<CopyOutcome> {
  const dumping = spawn(
    'getfattr',
    [
      '--dump',
      '-m',
      '^(?!security\\.(ima|evm|capability)$)',
      '--absolute-names',
      '/proc/self/fd/3',
    ],
    {
      env,
      stdio: ['ignore', 'pipe', 'ignore', from],
    },
  );
  const setting = spawn('setfattr', ['--restore=-'], {
    env,
    stdio: ['pipe', 'ignore', 'ignore', to],
  });
  setting.stdin?.on('error', () => undefined);
  if (setting.stdin !== null) dumping.stdout?.pipe(setting.stdin);
  const codes = await Promise.all([exitOf(dumping), exitOf(setting)]);
  if (codes.includes(null)) {
    dumping.kill();
    setting.kill();
    return { kind: 'unsupported' };
  }
  const isDone = codes.every((code) => code === 0);
  return isDone
    ? { kind: 'copied', names: ['*'] }
    : { kind: 'failed', name: 'one of them', errno: 0 };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  } catch {
    return null;
  }
}
