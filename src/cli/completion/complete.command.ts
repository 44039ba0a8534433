import { isHidden, type Options, parseArguments } from '../arguments/index.js';
import {
  type CommandGroup,
  type Completes,
  type Invocation,
  isGroup,
  type Run,
} from '../command.js';
import { printable } from '../output/index.js';
import { type Offer, offerOf } from './offer.js';
import { optionsAt, type Place, placeOf } from './place.js';

/** A candidate and what is said of it. */
type Candidate = readonly [value: string, description: string];

const FILES: Candidate = [':files', ''];
const LONGEST = 80;

/**
 * What prints what may stand at the end of a command line of these commands, a candidate on each line.
 * Whatever goes wrong is no answer: a shell that completes has no place for messages.
 */
export function completionOf(root: CommandGroup): Run {
  return async ({ operands, io }) => {
    const words = operands.length === 0 ? [''] : operands;
    try {
      const place = placeOf(root, words);
      const candidates = place === null ? [] : await candidatesAt(place, root, io);
      const { word = '' } = place ?? {};
      const fitting = candidates.filter((one) => one === FILES || one[0].startsWith(word));
      io.output.write(fitting.map(lineOf).join(''));
    } catch {
      // nothing to offer
    }
    return undefined;
  };
}

function lineOf([value, description]: Candidate): string {
  const text = printable(description).slice(0, LONGEST);
  return text === '' ? `${printable(value)}\n` : `${printable(value)}\t${text}\n`;
}

async function candidatesAt(
  place: Place,
  root: CommandGroup,
  io: Invocation['io'],
): Promise<readonly Candidate[]> {
  const { spec, operands, value, word } = place;
  if (value !== null) return lookedUp(value, place, { root, io });
  if (word.startsWith('-')) {
    return Object.entries(optionsAt(place)).map(([name, { description }]) => [
      `--${name}`,
      description,
    ]);
  }
  if (isGroup(spec)) {
    return spec.commands
      .filter((one) => !isHidden(one))
      .map(({ name, summary }) => [name, summary]);
  }
  const specs = spec.operands ?? [];
  const at = Math.min(operands.length, specs.length - 1);
  const operand = specs[at];
  if (operand === undefined || (operands.length > at && operand.isMultiple !== true)) return [];
  if (operand.name === 'ARG') return argumentNames(place, { root, io });
  return lookedUp(operand.completes ?? 'none', place, { root, io });
}

interface Around {
  readonly root: CommandGroup;
  readonly io: Invocation['io'];
}

async function lookedUp(
  completes: Completes,
  place: Place,
  around: Around,
): Promise<readonly Candidate[]> {
  if (completes === 'none') return [];
  if (completes === 'file') return [FILES];
  if (typeof completes !== 'string') return completes.map((word) => [word, '']);
  const offer = await offerAt(place, around);
  return offer === null ? [] : offered(offer, completes);
}

function offered(offer: Offer, completes: Extract<Completes, string>): readonly Candidate[] {
  const { services, plugins, methods, tasks, events } = offer;
  const ofCallables = (all: Offer['methods']): Candidate[] =>
    Object.entries(all).map(([name, { description }]) => [name, description]);
  switch (completes) {
    case 'service':
      return services.map((name) => [name, '']);
    case 'plugin':
      return plugins.map((name) => [name, '']);
    case 'method':
      return ofCallables(methods);
    case 'task':
      return ofCallables(tasks);
    case 'event':
      return Object.entries(events);
    case 'name':
      return [
        ...ofCallables(methods),
        ...ofCallables(tasks),
        ...Object.entries(events),
        ...services.map((name): Candidate => [name, 'service']),
      ];
    default:
      return [];
  }
}

/** Those not given yet, as `name=`. */
async function argumentNames(place: Place, around: Around): Promise<readonly Candidate[]> {
  const { spec, operands, word } = place;
  const isTask = spec.name === 'submit' || spec.name === 'create';
  const name = operands[spec.name === 'create' ? 2 : 0] ?? '';
  if (word.includes('@')) return [FILES];
  const offer = await offerAt(place, around);
  const all = isTask ? offer?.tasks : offer?.methods;
  const args = all !== undefined && Object.hasOwn(all, name) ? (all[name]?.args ?? {}) : {};
  const isGiven = (argument: string): boolean =>
    operands.some((operand) => new RegExp(`^${escaped(argument)}(?::?=|@)`).test(operand));
  return Object.entries(args)
    .filter(([argument]) => !isGiven(argument))
    .map(([argument, description]) => [`${argument}=`, description]);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** By the options of the line that is being typed; a line that is none yet says nothing of the server. */
async function offerAt({ before }: Place, { root, io }: Around): Promise<Offer | null> {
  const options = await optionsIn(root, before);
  return options === null ? null : offerOf(options, io);
}

async function optionsIn(root: CommandGroup, before: readonly string[]): Promise<Options | null> {
  for (const words of [before, [...before, 'x'], [...before, 'x', 'x']]) {
    try {
      const request = await parseArguments(root, words);
      if (request.kind === 'run') return request.options;
    } catch {
      // an operand is missing that is being typed
    }
  }
  return null;
}
