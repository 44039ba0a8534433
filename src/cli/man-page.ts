import { CONNECTION, isHidden, optionsOf, OUTPUT } from './arguments/index.js';
import { type Command, type CommandSpec, isGroup, type OptionSpecs } from './command.js';
import { ROOT } from './commands.js';
import { EXIT } from './exit-status.js';
import { operandText, PROGRAM } from './help.js';

const STATUSES: Readonly<Record<keyof typeof EXIT, string>> = {
  done: 'Done.',
  failed: 'The call or the task failed.',
  usage: 'The command line or the configuration does not fit.',
  refused: 'The login was refused, or a role is missing.',
  unreachable: 'Nobody answers, or the connection went and the outcome is not known.',
  timedOut: 'It took too long.',
  aborted: 'The task was aborted by somebody else.',
  problems: 'A check found differences or problems.',
  interrupted: '^C.',
  brokenPipe: 'Whoever reads the answer has gone.',
};

const VARIABLES: readonly (readonly [name: string, text: string])[] = [
  ['DISPATCHER_URL', 'where the server listens'],
  ['DISPATCHER_USER', 'whom to log in as'],
  ['DISPATCHER_PASSWORD', 'the password'],
  ['DISPATCHER_TOKEN', 'a token or an API key, instead of user and password'],
  ['DISPATCHER_CONFIG', 'the middleware.conf to go by'],
  ['DISPATCHER_PAGER, PAGER', 'what shows tables that are longer than the screen'],
];

/** The manual page dispatcherctl(1), in the language of man(7). */
export function manPage(version: string): string {
  return [
    `.TH DISPATCHERCTL 1 "" ${quoted(`dispatcher ${version}`)} "User commands"`,
    '.SH NAME',
    `${escaped(PROGRAM)} \\- work on a running dispatcher`,
    '.SH SYNOPSIS',
    `.B ${escaped(PROGRAM)}`,
    '.I COMMAND',
    '[\\fIOPTIONS\\fR] [\\fIWORD\\fR ...]',
    '.SH DESCRIPTION',
    escaped(`${ROOT.summary}. The standard output carries the answer and nothing else.`),
    '.SH COMMANDS',
    ...commandsBelow(ROOT.commands, []).flatMap(([command, path]) => commandPart(command, path)),
    '.SH OPTIONS OF COMMANDS THAT TALK TO A SERVER',
    ...optionParts(CONNECTION),
    '.SH OPTIONS OF COMMANDS THAT PRINT',
    ...optionParts(OUTPUT),
    '.SH EXIT STATUS',
    ...Object.entries(STATUSES).flatMap(([key, text]) =>
      tagged(`.B ${EXIT[key as keyof typeof EXIT]}`, text),
    ),
    '.SH ENVIRONMENT',
    ...VARIABLES.flatMap(([name, text]) => tagged(`.B ${escaped(name)}`, text)),
    '.SH FILES',
    ...tagged(
      '.I ~/.config/dispatcher/cli.json',
      'keys of the section cli of middleware.conf, but plugin-dirs; they stand above it',
    ),
    '.SH SEE ALSO',
    '.BR dispatcher (8)',
    '',
  ].join('\n');
}

function commandsBelow(
  specs: readonly CommandSpec[],
  path: readonly string[],
): readonly (readonly [Command, string])[] {
  return specs
    .filter((spec) => !isHidden(spec))
    .flatMap((spec) => {
      const words = [...path, spec.name];
      return isGroup(spec)
        ? commandsBelow(spec.commands, words)
        : [[spec, words.join(' ')] as const];
    });
}

function commandPart(command: Command, path: string): readonly string[] {
  const { operands = [], options = {}, summary, details } = command;
  const line = [path, ...operands.map(operandText)].join(' ');
  const own = Object.keys(optionsOf(command)).filter((name) => Object.hasOwn(options, name));
  const parts = own.flatMap((name) =>
    optionParts({ [name]: options[name] as OptionSpecs[string] }),
  );
  return [
    ...tagged(`.B ${escaped(line)}`, `${summary}.${details === undefined ? '' : ` ${details}`}`),
    ...(parts.length === 0 ? [] : ['.RS', ...parts, '.RE']),
  ];
}

function optionParts(options: OptionSpecs): readonly string[] {
  return Object.entries(options).flatMap(([name, { value, short, description }]) => {
    const dashes = `${short === undefined ? '' : `-${short}, `}--${name}`;
    const text = value === undefined ? dashes : `${dashes} ${value}`;
    return tagged(`.B ${escaped(text)}`, `${description}.`);
  });
}

const tagged = (tag: string, text: string): readonly string[] => ['.TP', tag, escapedLine(text)];

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('’', '\\(cq');
const escapedLine = (text: string): string => escaped(text).replace(/^[.']/, '\\&$&');
const quoted = (text: string): string => `"${text}"`;
