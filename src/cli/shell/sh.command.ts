import { readFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import type { Invocation, CommandIo } from '../command.js';
import { EXIT, UsageError } from '../exit-status.js';
import { Printer } from '../output/index.js';
import { type Session, withSession } from '../session/index.js';
import { ProgressLine } from '../task/progress-line.js';
import { watchToEnd } from '../task/watch-task.js';
import { tellErrorOf } from '../tell-error.js';
import { runInteractive } from './terminal/index.js';
import { lineAndColumn } from './evaluation/index.js';
import { parseScript } from './grammar/index.js';
import { Shell } from './shell.js';
import type { ShellOptions } from './shell-state.js';
import type { ShellIo } from './shell-io.js';

/** A text to be carried out, and where it is from. */
interface Code {
  readonly text: string;
  /** Null for one that was given on the command line. */
  readonly name: string | null;
}

const STANDARD_INPUT = '-';
/** `run SCRIPT ARG...`: a script in TypeScript. */
const RUN = 'run';

/**
 * The shell: what `-e` or `-f` says, or what comes by a pipe, else a person at a terminal; `run` is for
 * scripts in another language.
 *
 * @returns the status of the line that ended it
 * @throws UsageError for what cannot be read, before anybody is asked
 */
export async function shCommand(invocation: Invocation): Promise<number> {
  const { options, io } = invocation;
  const [word, ...rest] = invocation.operands;
  if (word === RUN && rest.length > 0) {
    const { runScript } = await import('./script/run-script.command.js');
    return runScript(invocation);
  }
  if (rest.length > 0) {
    throw new UsageError(`A script of the shell is given nothing: ${rest.join(' ')}`);
  }
  const code = await codeOf(invocation);
  new Printer(io, options); // two forms at once are told before anything is done
  if (code !== null && !isWhole(code, io)) return EXIT.usage;
  const shellOptions: ShellOptions = {
    env: io.env,
    hasPrivate: options.has('private'),
    hasFiles: !options.has('no-files'),
    isDry: options.has('dry-run'),
    format: options,
    warn: (line) => io.notices.write(`${line}\n`),
    ...(io.endAtReturn !== undefined && { onForeignCode: io.endAtReturn }),
  };
  if (code === null) return runInteractive({ options, io }, shellOptions);
  return withSession({ options, io }, async (session) => {
    const shell = await Shell.open(session, shellOptions);
    try {
      const { status } = await shell.evaluate(code.text, scriptIo(session, io), {
        ...(code.name !== null && { name: code.name }),
      });
      return status;
    } finally {
      await shell.close();
    }
  });
}

async function codeOf({ options, operands, io }: Invocation): Promise<Code | null> {
  const lines = options.all('execute');
  const file = options.text('file') ?? operands[0] ?? null;
  if (lines.length > 0 && file !== null) throw new UsageError('Only one of -e and -f');
  if (lines.length > 0) {
    const text = lines.join('\n');
    return { text, name: text.includes('\n') ? '-e' : null };
  }
  if (file !== null && file !== STANDARD_INPUT) return { text: read(file), name: file };
  if (file === null && io.input.isTTY === true) return null;
  return { text: await textOf(io.input), name: 'script' };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${file} cannot be read: ${code ?? message}`, { cause });
  }
}

/** A script that cannot be read is told as such with the server away, too. */
function isWhole({ text, name }: Code, { notices }: CommandIo): boolean {
  const [problem] = parseScript(text).problems;
  if (problem === undefined) return true;
  const { line, column } = lineAndColumn(text, problem.start);
  const place = name === null ? '' : `${name}:${line}:${column}: `;
  notices.write(tellErrorOf(new UsageError(problem.message), { speaker: '', place }));
  return false;
}

/** Nobody is asked; a task is followed to its end, and ^C ends it. */
function scriptIo(session: Session, io: CommandIo): ShellIo {
  const { output, notices, env, interrupt } = io;
  return {
    get input() {
      return io.input;
    },
    output,
    notices,
    env,
    signal: interrupt,
    ask: null,
    progress: new ProgressLine(io),
    onKey: null,
    followTask: ({ id }) => watchToEnd(session, id, { io, onInterrupt: 'abort' }),
    watchTask: ({ id }) => watchToEnd(session, id, { io, onInterrupt: 'leave' }),
    onBackground: () => undefined,
  };
}
