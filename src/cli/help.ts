import {
  type Command,
  type CommandGroup,
  type CommandSpec,
  isGroup,
  type OperandSpec,
  type OptionSpecs,
} from './command.js';
import { CONNECTION, isHidden, optionsOf, OUTPUT } from './arguments/index.js';

export const PROGRAM = 'dispatcherctl';
/** The command that is the shell, and the name that it has as a program of its own. */
export const SHELL = 'sh';
export const SHELL_PROGRAM = 'dispatcher-cli';
const WIDTH = 88;
const LEAST_TEXT = 30;

/** What `--help` prints of a command or a group. */
export function helpOf(spec: CommandSpec, path: string): string {
  return isGroup(spec) ? groupHelp(spec, path) : commandHelp(spec, path);
}

/** The first line of it. */
export function usageOf(spec: CommandSpec, path: string): string {
  const words =
    path === SHELL ? SHELL_PROGRAM : [PROGRAM, path].filter((word) => word !== '').join(' ');
  if (isGroup(spec)) return `Usage: ${words} COMMAND`;
  const own = Object.keys(spec.options ?? {}).length > 0 || spec.talks === true;
  const operands = (spec.operands ?? []).map(operandText);
  return `Usage: ${[words, ...(own ? ['[OPTIONS]'] : []), ...operands].join(' ')}`;
}

/** `NAME`, `[NAME]`, `NAME...`, `[NAME...]` */
export function operandText({ name, isOptional, isMultiple }: OperandSpec): string {
  const text = isMultiple === true ? `${name}...` : name;
  return isOptional === true ? `[${text}]` : text;
}

/** `--url URL`, `-c, --config FILE` */
function optionText(name: string, { value, short }: OptionSpecs[string]): string {
  const dashes = short === undefined ? `--${name}` : `-${short}, --${name}`;
  return value === undefined ? dashes : `${dashes} ${value}`;
}

function groupHelp(group: CommandGroup, path: string): string {
  const shown = group.commands.filter((spec) => !isHidden(spec));
  const rows = shown.map((spec) => [commandText(spec), spec.summary] as const);
  const more =
    path === ''
      ? `\nOptions of each command: ${PROGRAM} help COMMAND\n\n${columns([
          ['--help', 'this text'],
          ['--version', 'the version of this program'],
        ])}`
      : '';
  return `${usageOf(group, path)}\n\n${wrapped(`${group.summary}.`)}\n${columns(rows)}${more}`;
}

function commandText(spec: CommandSpec): string {
  if (isGroup(spec)) return `${spec.name} …`;
  return [spec.name, ...(spec.operands ?? []).map(operandText)].join(' ');
}

function commandHelp(command: Command, path: string): string {
  const { summary, details, operands = [], examples = [] } = command;
  const options = Object.entries(optionsOf(command));
  const isOwn = ([name]: [string, unknown]): boolean =>
    name === 'help' || Object.hasOwn(command.options ?? {}, name);
  const shared = options.filter((entry) => !isOwn(entry));
  const isOf =
    (group: OptionSpecs) =>
    ([name]: [string, unknown]) =>
      Object.hasOwn(group, name);
  const rows = (entries: typeof options) =>
    columns(entries.map(([name, option]) => [optionText(name, option), option.description]));
  const parts = [
    usageOf(command, path),
    wrapped(`${summary}.`).trimEnd(),
    details === undefined ? '' : wrapped(details).trimEnd(),
    columns(operands.map((one) => [one.name, one.description] as const)).trimEnd(),
    rows(options.filter(isOwn)).trimEnd(),
    section('The answer:', rows(shared.filter(isOf(OUTPUT)))),
    section('The server:', rows(shared.filter(isOf(CONNECTION)))),
    section('Examples:', examples.map((line) => `  ${line}\n`).join('')),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const section = (title: string, text: string): string =>
  text === '' ? '' : `${title}\n${text.trimEnd()}`;

type Pair = readonly [left: string, right: string];

/** Two columns; a left part that is too long has a line of its own. */
function columns(rows: readonly Pair[]): string {
  const longest = Math.max(0, ...rows.map(([left]) => left.length));
  const width = Math.min(longest, WIDTH - LEAST_TEXT * 2);
  return rows.map((row) => pairText(row, width)).join('');
}

function pairText([left, right]: Pair, width: number): string {
  const indent = ' '.repeat(width + 4);
  const lines = fold(right, WIDTH - width - 4);
  const isLong = left.length > width;
  const first = isLong
    ? `  ${left}\n${indent}${lines[0] ?? ''}`
    : `  ${left.padEnd(width)}  ${lines[0] ?? ''}`;
  return `${[first, ...lines.slice(1).map((line) => indent + line)].join('\n')}\n`;
}

const wrapped = (text: string): string =>
  text
    .split('\n')
    .map((line) => `${fold(line, WIDTH).join('\n')}\n`)
    .join('');

function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
