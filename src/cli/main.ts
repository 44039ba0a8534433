import { type Options, parseArguments, type Request } from './arguments/index.js';
import { type CommandIo, isGroup } from './command.js';
import { ROOT } from './commands.js';
import { EXIT, exitStatusOf } from './exit-status.js';
import { helpOf, PROGRAM, SHELL, SHELL_PROGRAM } from './help.js';
import { tellErrorOf } from './tell-error.js';

/**
 * Runs a command line and resolves with its exit status. Writes what is wrong to `notices`.
 *
 * @example
 * process.exitCode = await run(['call', 'system.info'], io);
 */
export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  try {
    const request = await parseArguments(ROOT, argv);
    return (await perform(request, io)) ?? EXIT.done;
  } catch (error) {
    const program = argv[0] === SHELL ? SHELL_PROGRAM : PROGRAM;
    io.notices.write(tellErrorOf(error, { speaker: `${program}: `, place: '' }));
    return exitStatusOf(error);
  }
}

async function perform(request: Request, io: CommandIo): Promise<number | undefined> {
  switch (request.kind) {
    case 'version': {
      const { version } = await import('../server/version.js');
      io.output.write(`${version()}\n`);
      return EXIT.done;
    }
    case 'help':
      return help(request, io);
    case 'run': {
      const { command } = request;
      if (command.talks !== true && command.endsAtInterrupt !== true) io.endAtInterrupt();
      const runCommand = await command.load();
      return runCommand({ ...request, io });
    }
  }
}

/** Of `call METHOD` the server is asked; without one the command's own help is better than none. */
async function help(request: Request & { kind: 'help' }, io: CommandIo): Promise<number> {
  const { spec, path, operands, options } = request;
  const [name] = operands;
  if (!isGroup(spec) && name !== undefined && isAboutServer(path)) {
    const text = await describedByServer(name, { options, io });
    if (text !== null) {
      io.output.write(text);
      return EXIT.done;
    }
  }
  io.output.write(helpOf(spec, path));
  return EXIT.done;
}

const isAboutServer = (path: string): boolean => path === 'call' || path === 'submit';

async function describedByServer(
  name: string,
  around: { readonly options: Options; readonly io: CommandIo },
): Promise<string | null> {
  const { describedText } = await import('./discovery/describe.command.js');
  try {
    return await describedText(name, around);
  } catch {
    return null;
  }
}
