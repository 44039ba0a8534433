import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, EXIT, UsageError } from '../../exit-status.js';
import type { Evaluation } from './evaluation.js';

/**
 * A text in the user's editor, in a file that only the user may read and that is gone afterwards.
 *
 * @returns what became of it; null when nothing was changed
 * @throws UsageError where there is no terminal; CommandError when the editor fails
 */
export async function editedText(text: string, { io, shell }: Evaluation): Promise<string | null> {
  if (!shell.options.hasFiles || io.input.isTTY !== true) {
    throw new UsageError('edit opens an editor, and there is no terminal: use set');
  }
  const { VISUAL, EDITOR } = io.env;
  const editor = [VISUAL, EDITOR].find((name) => name !== undefined && name !== '') ?? 'vi';
  const folder = mkdtempSync(join(tmpdir(), 'dispatcher-edit-'));
  const file = join(folder, 'value');
  try {
    writeFileSync(file, `${text}\n`, { mode: 0o600 });
    const edit = async (): Promise<number | null> => {
      const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
      const [ended] = (await once(child, 'exit')) as [number | null];
      return ended;
    };
    const status = await (io.lend === undefined ? edit() : io.lend(edit));
    if (status !== 0) throw new CommandError(EXIT.failed, `${editor} failed: nothing was changed`);
    const edited = readFileSync(file, 'utf8').replace(/\n$/, '');
    return edited === text ? null : edited;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
