import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { CommandIo } from '../command.js';

const DEFAULT = 'less -FRX';

/** The pager that people want; null when they want none. */
export function pagerOf(env: NodeJS.ProcessEnv, choice: 'auto' | 'never'): string | null {
  if (choice === 'never' || env['TERM'] === 'dumb') return null;
  const command = env['DISPATCHER_PAGER'] ?? env['PAGER'] ?? DEFAULT;
  return command === '' || command === 'cat' ? null : command;
}

/** Shows the text in a pager; false when it cannot be started. @param lend - hands it the terminal */
export async function showInPager(
  text: string,
  command: string,
  lend: CommandIo['lend'] = (work) => work(),
): Promise<boolean> {
  return lend(() => shown(text, command));
}

async function shown(text: string, command: string): Promise<boolean> {
  const child = spawn(command, { shell: true, stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.on('error', () => undefined); // who has seen enough
  child.stdin.end(text);
  const [status] = (await once(child, 'exit')) as [number | null];
  return status !== 127;
}
