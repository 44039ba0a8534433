import type { CommandIo } from '../command.js';
import type { Shell } from './shell.js';

/**
 * The shell on a terminal, until `exit` or ^D.
 *
 * @returns the exit status of the program
 */
export function runInteractive(_shell: Shell, io: CommandIo): Promise<number> {
  io.notices.write('There is no terminal yet: use -e, -f or a pipe\n');
  return Promise.resolve(1);
}
