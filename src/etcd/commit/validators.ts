import { randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { runBounded } from './bounded-command.js';
import { CommitFailure, systemFailure } from './commit-failure.js';
import { own, type Wanted } from './temp-file.js';

export interface ValidatorBounds {
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
}

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;

/**
 * Runs the programs that judge a file, one after the other, until one refuses it.
 *
 * @param file - the path that stands for `{path}`
 * @throws CommitFailure of stage `validate` with the end of what the program printed
 */
export async function runValidators(
  validators: readonly (readonly string[])[],
  file: string,
  bounds: ValidatorBounds,
): Promise<void> {
  for (const argv of validators) {
    const exit = await runBounded(
      argv.map((argument) => argument.replaceAll('{path}', () => file)),
      bounds,
    );
    const program = argv[0] ?? '';
    if (exit.kind === 'not-started') {
      throw new CommitFailure('validate', `${program} cannot be started (${exit.code})`);
    }
    const { output } = exit;
    if (exit.kind === 'timed-out') {
      const message = `${program} took longer than ${bounds.timeoutMs} ms`;
      throw new CommitFailure('validate', message, { output });
    }
    if (exit.code === 0) continue;
    const how = exit.code === null ? `ended by ${exit.signal ?? 'a signal'}` : `exit ${exit.code}`;
    throw new CommitFailure('validate', `${program} refuses it (${how})${lastLine(output)}`, {
      output,
    });
  }
}

function lastLine(output: string): string {
  const line = output.trim().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${line.slice(0, 200)}`;
}

/** Does something with a private copy of a file that is to be, under its name in a folder of its own. */
export async function withPrivateCopy(
  directory: string,
  { name, wanted }: { readonly name: string; readonly wanted: Wanted },
  work: (file: string) => Promise<void>,
): Promise<void> {
  const folder = join(directory, randomUUID());
  try {
    await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
    const file = join(folder, basename(name));
    const handle = await open(file, 'wx', PRIVATE_FILE);
    try {
      await handle.writeFile(wanted.content);
      await own(handle, wanted.ownership);
    } finally {
      await handle.close();
    }
    await work(file);
  } catch (error) {
    throw systemFailure(error, 'copy for its validators', name);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
