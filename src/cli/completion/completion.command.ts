import type { Invocation } from '../command.js';
import { UsageError } from '../exit-status.js';
import { SHELL_SCRIPTS } from './shell-scripts.js';

/** Prints the script of a shell. @throws UsageError for one that is not known */
export function completionCommand({ operands, io }: Invocation): Promise<undefined> {
  const [shell = ''] = operands;
  const script = SHELL_SCRIPTS.get(shell);
  if (script === undefined) {
    const known = [...SHELL_SCRIPTS.keys()].join(', ');
    throw new UsageError(`${JSON.stringify(shell)}: there is completion for ${known}`);
  }
  io.output.write(script);
  return Promise.resolve(undefined);
}
