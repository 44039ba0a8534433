import { describeSchema } from '../../values/index.js';
import type { Candidate, Completion } from '../editor/index.js';
import {
  type Callable,
  derivedCommands,
  type Entity,
  nearestPlace,
  type Place,
  type Resolved,
  resolveWords,
} from '../namespaces/index.js';
import type { Shell } from '../shell.js';
import { BUILT_INS, STAGES, type WordSpec } from '../words-table.js';
import {
  entityNameIn,
  type Expected,
  expectedArguments,
  propertyCandidates,
  schemaValues,
} from './argument-candidates.js';
import { fileCandidates } from './file-candidates.js';
import { focusOf } from './focus.js';
import type { LiveValues } from './live-values.js';
import { placeCandidates, wordCandidates } from './place-candidates.js';
import { asWord } from './as-word.js';
import { pathWords, type TypedCommand, typedCommand, type TypedWord } from './typed-word.js';

/** What may stand at the cursor, before it is known what is written there already. */
interface Offer {
  readonly candidates: readonly Candidate[];
  /** Keys of these rows as well. */
  readonly keysOf?: Entity | null;
  readonly events?: true;
  /** They begin as they should, in quotes or not. */
  readonly isChosen?: true;
}

const NOTHING: Offer = { candidates: [] };
const FILE_LEAD = 'x ';
const BUILT_IN_NAMES: ReadonlySet<string> = new Set(BUILT_INS.keys());

/**
 * Says what may stand at the cursor of a line. Carries out nothing: it reads the line and the tree, and asks
 * the server by `query` methods and `discovery` alone.
 */
export class LineCompleter {
  constructor(
    private readonly shell: Shell,
    private readonly live: LiveValues,
  ) {}

  /** At once where no live values are asked for. */
  complete(line: string, cursor: number): Completion | Promise<Completion> {
    const text = line.slice(0, cursor);
    const focus = focusOf(text);
    if (focus === null) return { start: cursor, end: cursor, candidates: [] };
    // a file is a value, also where it begins with a slash as a command does
    const lead = focus.role === 'file' ? FILE_LEAD : '';
    const typed = typedCommand(lead + text.slice(focus.start));
    const { current } = typed;
    const place = { start: focus.start + current.start - lead.length, end: cursor };
    if (current.text.startsWith('$') && !current.isQuoted) {
      return finish({ candidates: this.#variables() }, current, place);
    }
    const offer =
      focus.role === 'file'
        ? filesFor(current)
        : focus.role === 'stage'
          ? this.#stage(typed, focus.head ?? '')
          : this.#command(typed);
    return this.#withLive(offer, current, place);
  }

  #withLive(offer: Offer, current: TypedWord, place: Span): Completion | Promise<Completion> {
    const { keysOf = null, events } = offer;
    const { prefix } = lastPart(current);
    if (events === true) {
      return this.live.events().then((names) => {
        const more = [...names].map(([text, description]) => ({ text, description }));
        return finish({ candidates: [...offer.candidates, ...more] }, current, place);
      });
    }
    if (keysOf === null) return finish(offer, current, place);
    const keys = this.live.keys(keysOf, prefix);
    const withKeys = ({ keys: found, isPartial }: Awaited<typeof keys>): Completion => {
      const more = found.map(({ key, label }) => ({
        text: this.#keyText(key, keysOf, current),
        label: key,
        description: label,
      }));
      const whole = finish({ candidates: [...more, ...offer.candidates] }, current, place);
      return isPartial ? { ...whole, isPartial } : whole;
    };
    return keys instanceof Promise ? keys.then(withKeys) : withKeys(keys);
  }

  /** A key that is also the name of a command stands in quotes. */
  #keyText(key: string, { service }: Entity, current: TypedWord): string {
    const { namespace } = nearestPlace(this.shell.root, service.split('.')).place;
    const isName =
      namespace.children.has(key) ||
      namespace.commands.has(key) ||
      derivedCommands({ namespace, item: null }).some((name) => name === key);
    return isName && current.name === null ? `'${key}'` : asWord(key);
  }

  #resolve({ before, isAbsolute }: Pick<TypedCommand, 'before' | 'isAbsolute'>): Resolved {
    const { root, place } = this.shell;
    return resolveWords(pathWords(before), {
      root,
      place,
      isAbsolute,
      builtIns: BUILT_IN_NAMES,
    });
  }

  #command(typed: TypedCommand): Offer {
    const { before, current, isAbsolute } = typed;
    const resolved = this.#resolve(typed);
    const args = before.slice(resolved.used);
    switch (resolved.kind) {
      case 'place': {
        if (args.length > 0) return NOTHING;
        const { place } = resolved;
        const isFirst = before.length === 0 && !isAbsolute;
        const keysOf = place.item === null ? place.namespace.entity : null;
        if (current.isQuoted) return { candidates: [], keysOf }; // no name of the tree, then
        return {
          candidates: wordCandidates(place, {
            hasOwnWords: isFirst && current.text !== '',
            aliases: isFirst ? this.shell.aliases : new Map(),
            prefix: current.text,
          }),
          keysOf,
        };
      }
      case 'callable':
        return this.#arguments(resolved.callable, {
          typed: { ...typed, before: args },
          filled: resolved.isVerb ? 1 : 0,
        });
      case 'derived':
        return this.#derived(resolved, { ...typed, before: args });
      case 'built-in':
        return this.#builtIn(resolved.name, { ...typed, before: args });
      case 'unknown':
        return NOTHING;
    }
  }

  #arguments(
    { signature, least }: Pick<Callable, 'signature' | 'least'>,
    { typed, filled }: { readonly typed: TypedCommand; readonly filled: number },
  ): Offer {
    const { before, current } = typed;
    const { definitions } = signature;
    const expected: Expected = expectedArguments({ signature, least, before, filled });
    const schema = current.name === null ? expected.next : expected.schemaOf(current.name);
    if (current.text.startsWith('@')) return filesFor(current);
    const service = entityNameIn(schema, definitions);
    return {
      candidates: [
        ...schemaValues(schema, definitions),
        ...(current.name === null ? expected.names : []),
      ],
      keysOf: service === null ? null : this.#entity(service),
    };
  }

  /** `show`, `get`, `set` of rows and settings: their properties are what can be named. */
  #derived(resolved: Resolved & { kind: 'derived' }, typed: TypedCommand): Offer {
    const { command, place } = resolved;
    const { entity, config } = place.namespace;
    const { before, current } = typed;
    if (command === 'create') {
      return entity?.create == null
        ? NOTHING
        : this.#arguments(entity.create, { typed, filled: 0 });
    }
    const { properties, definitions } = entity ?? config ?? { properties: null, definitions: {} };
    if (current.name !== null) return this.#propertyValues(current.name, entity);
    const isFilter = command === 'show' && place.item === null && config === null;
    if (command === 'delete' || properties === null) return NOTHING;
    if (command === 'set') {
      const given = new Set(before.map((one) => (one.kind === 'named' ? one.name : '')));
      return {
        candidates: Object.entries(properties)
          .filter(([name]) => !given.has(name))
          .map(([name, schema]) => ({
            text: `${name}=`,
            description: describeSchema(schema, definitions),
            isOpen: true,
          })),
      };
    }
    return { candidates: propertyCandidates(properties, { definitions, isOpen: isFilter }) };
  }

  #propertyValues(name: string, entity: Entity | null): Offer {
    const { properties = null, definitions = {} } = entity ?? {};
    const schema = properties !== null && Object.hasOwn(properties, name) ? properties[name] : {};
    const service = entityNameIn(schema, definitions);
    return {
      candidates: schemaValues(schema, definitions),
      keysOf: name === entity?.key ? entity : service === null ? null : this.#entity(service),
    };
  }

  #builtIn(name: string, typed: TypedCommand): Offer {
    const { before, current } = typed;
    const [first] = pathWords(before);
    if (name === 'call' || name === 'submit') {
      const all = callablesOf(this.shell, name === 'call' ? 'method' : 'task');
      if (before.length === 0) {
        return {
          candidates: [...all].map(([text, { description }]) => ({ text, description })),
        };
      }
      const callable = all.get(first?.text ?? '');
      const rest = { ...typed, before: before.slice(1) };
      return callable === undefined
        ? NOTHING
        : this.#arguments(callable, { typed: rest, filled: 0 });
    }
    const spec = BUILT_INS.get(name);
    if (spec?.completes === 'place' && name === 'cd') {
      return { candidates: placeCandidates(this.shell, typed) };
    }
    if (spec?.completes === 'place' || spec?.completes === 'line') {
      const offer = this.#command({ ...typed, isAbsolute: current.text.startsWith('/') });
      return spec.completes === 'line' && before.length === 0
        ? { ...offer, candidates: [...this.#jobs(), ...offer.candidates] }
        : offer;
    }
    return spec === undefined ? NOTHING : this.#ofSpec(spec, current);
  }

  #stage({ before, current }: TypedCommand, head: string): Offer {
    const [first] = pathWords(before);
    if (first == null) {
      return {
        candidates: [...STAGES]
          .filter(isListed)
          .map(([text, { summary }]) => ({ text, description: summary })),
      };
    }
    const spec = STAGES.get(first.text);
    if (spec === undefined) return NOTHING;
    if (spec.completes !== 'filter' && spec.completes !== 'property')
      return this.#ofSpec(spec, current);
    const { properties, definitions, entity } = this.#rowsOf(head);
    const isFilter = spec.completes === 'filter';
    if (current.name !== null)
      return isFilter ? this.#propertyValues(current.name, entity) : NOTHING;
    const names = propertyCandidates(properties, { definitions, isOpen: isFilter });
    const isTurned = current.text.startsWith('-') && first.text === 'sort';
    return {
      candidates: isTurned ? names.map((one) => ({ ...one, text: `-${one.text}` })) : names,
    };
  }

  /** The rows that a command answers with, as far as it says. */
  #rowsOf(head: string) {
    const resolved = this.#resolve({ ...typedCommand(`${head.trim()} `) });
    const { entity } = resolved.place.namespace;
    const isShown =
      (resolved.kind === 'derived' && resolved.command === 'show') ||
      (resolved.kind === 'callable' && resolved.callable === entity?.query);
    return isShown && entity !== null
      ? { properties: entity.properties, definitions: entity.definitions, entity }
      : { properties: null, definitions: {}, entity: null };
  }

  #ofSpec({ completes }: WordSpec, current: TypedWord): Offer {
    switch (completes) {
      case 'task':
        return { candidates: named(callablesOf(this.shell, 'task')) };
      case 'job':
        return { candidates: this.#jobs() };
      case 'event':
        return { candidates: [], events: true };
      case 'file':
        return filesFor(current);
      case 'variable':
        return { candidates: [...this.shell.variables.keys()].map((text) => ({ text })) };
      case 'none':
      case 'place':
      case 'line':
      case 'property':
      case 'filter':
        return NOTHING;
      default:
        return { candidates: completes.map((text) => ({ text })) };
    }
  }

  #jobs(): readonly Candidate[] {
    return [...this.shell.jobs.values()].map(({ id, name }) => ({
      text: String(id),
      description: name,
    }));
  }

  #variables(): readonly Candidate[] {
    return [...this.shell.variables.keys()].map((name) => ({ text: `$${name}` }));
  }

  #entity(service: string): Entity | null {
    const { place, isWhole } = nearestPlace(this.shell.root, service.split('.'));
    return isWhole ? place.namespace.entity : null;
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Behind a comma the next item of a list. */
function lastPart({ text, name, isQuoted }: TypedWord): {
  readonly kept: string;
  readonly prefix: string;
} {
  const comma = name === null || isQuoted ? -1 : text.lastIndexOf(',');
  return { kept: text.slice(0, comma + 1), prefix: text.slice(comma + 1) };
}

/** Only what begins as the word does, in place of the word. */
function finish(
  { candidates, isChosen }: Offer,
  current: TypedWord,
  { start, end }: Span,
): Completion {
  const { kept, prefix } = lastPart(current);
  const fits = ({ text, label = text }: Candidate): boolean =>
    isChosen === true ||
    text.startsWith(prefix) ||
    label.startsWith(prefix) ||
    (prefix.includes('-') && text.replaceAll('_', '-').startsWith(prefix));
  const seen = new Set<string>();
  const chosen = candidates.filter((one) => {
    if (seen.has(one.text) || !fits(one)) return false;
    seen.add(one.text);
    return true;
  });
  return { start: start + kept.length, end, candidates: chosen };
}

const filesFor = ({ text }: TypedWord): Offer => ({
  candidates: fileCandidates(text),
  isChosen: true,
});

const isListed = ([, { aliasOf }]: readonly [string, WordSpec]): boolean => aliasOf === undefined;

const named = (all: ReadonlyMap<string, Callable>): readonly Candidate[] =>
  [...all].map(([text, { description }]) => ({ text, description }));

/** All methods or tasks of the tree by their full names. */
function callablesOf(shell: Shell, kind: 'method' | 'task'): ReadonlyMap<string, Callable> {
  const found = new Map<string, Callable>();
  const visit = ({ namespace }: Pick<Place, 'namespace'>): void => {
    const { commands, hiddenTasks, children } = namespace;
    for (const callable of [...commands.values(), ...hiddenTasks.values()]) {
      if (callable.kind === 'method' && kind === 'method') found.set(callable.method, callable);
      if (callable.kind === 'task' && kind === 'task') found.set(callable.task, callable);
    }
    for (const child of children.values()) visit({ namespace: child });
  };
  visit({ namespace: shell.root });
  return found;
}
