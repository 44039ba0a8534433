import { parseArgs } from 'node:util';
import {
  type Command,
  type CommandGroup,
  type CommandSpec,
  isGroup,
  type OptionSpec,
  type OptionSpecs,
} from '../command.js';
import { UsageError } from '../exit-status.js';
import { Options } from './options.js';
import { optionsOf } from './shared-options.js';

/** What a command line asks for: a command, or to be told about a command or a group. */
export type Request =
  | {
      readonly kind: 'run';
      readonly command: Command;
      readonly path: string;
      readonly operands: readonly string[];
      readonly options: Options;
    }
  | {
      readonly kind: 'help';
      readonly spec: CommandSpec;
      readonly path: string;
      /** What stands behind the command: help on `call METHOD` is help on the method. */
      readonly operands: readonly string[];
      readonly options: Options;
    }
  | { readonly kind: 'version' };

/** A command with the words that led to it. */
export interface Found {
  readonly spec: CommandSpec;
  readonly path: string;
  /** How many words the path has. */
  readonly depth: number;
}

/** A usage that does not fit; `path` says whose usage it is. */
export class MisuseError extends UsageError {
  constructor(
    message: string,
    readonly found: Pick<Found, 'spec' | 'path'>,
  ) {
    super(message);
  }
}

/**
 * Reads a command line. Options may stand anywhere: before the command, between its words, behind it.
 *
 * @throws MisuseError naming what is unknown, what was probably meant, and whose usage to show
 */
export async function parseArguments(
  root: CommandGroup,
  argv: readonly string[],
): Promise<Request> {
  const every = everyOption(root);
  const words = positionalsOf(argv, every);
  await refuseUnknown(argv, { every, root, words });
  const [first, ...rest] = words;
  if (first === 'help') {
    const { spec, path } = await find(root, rest);
    return { kind: 'help', spec, path, operands: [], options: new Options(new Map()) };
  }
  const found = await find(root, words);
  const { spec, path, depth } = found;
  const given = await readOptions(argv, found);
  const operands = words.slice(depth);
  const options = new Options(given);
  if (spec === root && given.has('version')) return { kind: 'version' };
  if (given.has('help')) return { kind: 'help', spec, path, operands, options };
  if (isGroup(spec)) throw new MisuseError(missingCommand(spec, path), found);
  checkOperands(spec, operands, found);
  return { kind: 'run', command: spec, path, operands, options };
}

interface Surroundings {
  readonly every: OptionSpecs;
  readonly root: CommandGroup;
  readonly words: readonly string[];
}

/** What no command takes is told before the word behind it, its value most likely, is taken for one. */
async function refuseUnknown(
  argv: readonly string[],
  { every, root, words }: Surroundings,
): Promise<void> {
  const unknown = tokensOf(argv, every).find(
    (token) => token.kind === 'option' && !Object.hasOwn(every, token.name),
  );
  if (unknown?.kind !== 'option') return;
  const top: Found = { spec: root, path: '', depth: 0 };
  const found = await find(root, words).catch(() => top);
  const known = isGroup(found.spec) ? every : optionsOf(found.spec);
  throw new MisuseError(await unknownOption(unknown.rawName, known), found);
}

/** Follows the words as far as they are commands. @throws MisuseError for a word that is none */
async function find(root: CommandGroup, words: readonly string[]): Promise<Found> {
  let spec: CommandSpec = root;
  let depth = 0;
  const path: string[] = [];
  while (isGroup(spec) && words[depth] !== undefined) {
    const word = words[depth] ?? '';
    const next: CommandSpec | undefined = spec.commands.find(({ name }) => name === word);
    if (next === undefined) {
      const names = spec.commands.filter((one) => !isHidden(one)).map(({ name }) => name);
      const what = [...path, word].join(' ');
      const hint = await suggestion(word, names);
      throw new MisuseError(`There is no command ${quoted(what)}${hint}`, {
        spec,
        path: path.join(' '),
      });
    }
    spec = next;
    path.push(word);
    depth += 1;
  }
  return { spec, path: path.join(' '), depth };
}

/** @throws MisuseError */
async function readOptions(
  argv: readonly string[],
  found: Found,
): Promise<Map<string, readonly string[]>> {
  const { spec } = found;
  const known: OptionSpecs = isGroup(spec)
    ? { help: { description: '' }, ...(found.depth === 0 && { version: { description: '' } }) }
    : optionsOf(spec);
  const given = new Map<string, string[]>();
  for (const token of tokensOf(argv, known)) {
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const option = Object.hasOwn(known, name) ? known[name] : undefined;
    if (option === undefined) {
      // of a group only its help is asked for; what else stands there belongs to what is missing
      if (isGroup(spec) && found.depth > 0) continue;
      throw new MisuseError(await unknownOption(rawName, known), found);
    }
    if (option.value === undefined && value !== undefined) {
      throw new MisuseError(`${rawName} takes no value`, found);
    }
    if (option.value !== undefined && lacksValue(value, inlineValue)) {
      throw new MisuseError(`${rawName} needs ${option.value}`, found);
    }
    given.set(name, [...(given.get(name) ?? []), value ?? '']);
  }
  return given;
}

/** The word behind it is the next option, so the value was forgotten. */
function lacksValue(value: string | undefined, isInline: boolean | undefined): boolean {
  return value === undefined || value === '' || (isInline !== true && value.startsWith('--'));
}

function checkOperands(command: Command, operands: readonly string[], found: Found): void {
  const specs = command.operands ?? [];
  const missing = specs.find((spec, at) => spec.isOptional !== true && operands[at] === undefined);
  if (missing !== undefined) {
    throw new MisuseError(`${missing.name} is missing: ${missing.description}`, found);
  }
  const isOpen = specs.at(-1)?.isMultiple === true;
  const extra = operands[specs.length];
  if (!isOpen && extra !== undefined) {
    throw new MisuseError(`What is ${quoted(extra)} for?`, found);
  }
}

function positionalsOf(argv: readonly string[], known: OptionSpecs): string[] {
  return tokensOf(argv, known).flatMap((token) =>
    token.kind === 'positional' ? [token.value] : [],
  );
}

/** Lenient: the messages of the strict mode neither suggest nor name the usage. */
function tokensOf(argv: readonly string[], known: OptionSpecs) {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { value, short }]) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        ...(short !== undefined && { short }),
      },
    ]),
  );
  const args = argv.map((word) => (isNegative(word) ? AS_OPERAND + word : word));
  const { tokens } = parseArgs({
    args,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.map((token) =>
    token.kind !== 'option-terminator' && token.value?.startsWith(AS_OPERAND) === true
      ? { ...token, value: token.value.slice(AS_OPERAND.length) }
      : token,
  );
}

/** `-5`, `-0.5` and `-2h` are values: no option begins with a digit. */
const isNegative = (word: string): boolean => /^-\.?\d/.test(word);
/** No word of a command line has it in it. */
const AS_OPERAND = '\0';

/** Those of all commands: which word is an option's value is known before the command is. */
export function everyOption(group: CommandGroup): OptionSpecs {
  const all: Record<string, OptionSpec> = { version: { description: '' } };
  for (const spec of group.commands) {
    Object.assign(all, isGroup(spec) ? everyOption(spec) : optionsOf(spec));
  }
  return all;
}

async function unknownOption(rawName: string, known: OptionSpecs): Promise<string> {
  const names = Object.keys(known).map((name) => `--${name}`);
  return `There is no option ${quoted(rawName)}${await suggestion(rawName, names)}`;
}

function missingCommand({ commands }: CommandGroup, path: string): string {
  const names = commands.filter((spec) => !isHidden(spec)).map(({ name }) => name);
  return `${path === '' ? '' : `${path}: `}which command? ${names.join(', ')}`;
}

export function isHidden(spec: CommandSpec): boolean {
  return !isGroup(spec) && spec.isHidden === true;
}

/** Loaded for those who mistyped. */
async function suggestion(word: string, names: readonly string[]): Promise<string> {
  const { closest, didYouMean } = await import('../../config/did-you-mean.js');
  return didYouMean(closest(word, names));
}

/** As it can be shown: a word of the command line may hold anything. */
const quoted = (word: string): string => JSON.stringify(word);
