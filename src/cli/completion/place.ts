import { everyOption, optionsOf } from '../arguments/index.js';
import {
  type CommandGroup,
  type CommandSpec,
  type Completes,
  isGroup,
  type OptionSpecs,
} from '../command.js';

/** Where in a command line somebody is. */
export interface Place {
  readonly spec: CommandSpec;
  /** The operands before the word. */
  readonly operands: readonly string[];
  /** The options that are given already. */
  readonly given: ReadonlySet<string>;
  /** What the value of the option before the word may be; null when the word is no such value. */
  readonly value: Completes | null;
  /** The words before, as a command line, for the options in it. */
  readonly before: readonly string[];
  readonly word: string;
}

/** Null when what stands before is no command. */
export function placeOf(root: CommandGroup, words: readonly string[]): Place | null {
  const before = words.slice(0, -1);
  const every = everyOption(root);
  let spec: CommandSpec = root;
  let value: Completes | null = null;
  const operands: string[] = [];
  const given = new Set<string>();
  for (const word of before) {
    if (value !== null) {
      value = null;
      continue;
    }
    if (word.startsWith('-') && word !== '-') {
      const name = nameOf(word, every);
      given.add(name);
      const option = Object.hasOwn(every, name) ? every[name] : undefined;
      if (option?.value !== undefined && !word.includes('=')) value = option.completes ?? 'none';
      continue;
    }
    if (!isGroup(spec)) {
      operands.push(word);
      continue;
    }
    const next: CommandSpec | undefined = spec.commands.find(({ name }) => name === word);
    if (next === undefined) return null;
    spec = next;
  }
  return { spec, operands, given, value, before, word: words.at(-1) ?? '' };
}

function nameOf(word: string, every: OptionSpecs): string {
  if (word.startsWith('--')) return word.slice(2).split('=')[0] ?? '';
  const short = word.slice(1, 2);
  return Object.entries(every).find(([, option]) => option.short === short)?.[0] ?? short;
}

export function optionsAt({ spec, given }: Place): OptionSpecs {
  const all: OptionSpecs = isGroup(spec) ? { help: { description: 'this text' } } : optionsOf(spec);
  return Object.fromEntries(
    Object.entries(all).filter(([name, option]) => option.isMultiple === true || !given.has(name)),
  );
}
