import { describeSchema } from '../../values/index.js';
import type { Candidate, Completion } from '../editor/index.js';
import {
  type Callable,
  derivedCommands,
  type Entity,
  nearestPlace,
  type Resolved,
  resolveWords,
} from '../namespaces/index.js';
import type { PluginStage } from '../plugins/index.js';
import type { Shell } from '../shell.js';
import { BUILT_INS, STAGES, type WordSpec } from '../words-table.js';
import {
  entityNameIn,
  type Expected,
  expectedArguments,
  propertyCandidates,
  schemaValues,
} from './argument-candidates.js';
import { callablesOf } from './callables-of.js';
import { focusOf } from './focus.js';
import type { LiveValues } from './live-values.js';
import { filesFor, finish, lastPart, NOTHING, type Offer, type Span } from './offer.js';
import { placeCandidates, wordCandidates } from './place-candidates.js';
import { asWord } from './as-word.js';
import { pathWords, type TypedCommand, typedCommand, type TypedWord } from './typed-word.js';

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
    if (offer.ofPlugin != null) return this.#withPlugin(offer, current, place);
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

  async #withPlugin(offer: Offer, current: TypedWord, place: Span): Promise<Completion> {
    const { completedValues } = await import('../plugins/complete-argument.js');
    const { prefix } = lastPart(current);
    const { ofPlugin, candidates } = offer;
    if (ofPlugin == null) return finish(offer, current, place);
    const waitMs = this.shell.session.cli.completionTimeoutMs;
    const { values, isPartial } = await completedValues({ ...ofPlugin, prefix, waitMs });
    const more = values.map(({ value, description }) => {
      return { text: asWord(value), label: value, description };
    });
    const whole = finish({ candidates: [...more, ...candidates] }, current, place);
    return isPartial ? { ...whole, isPartial } : whole;
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
    callable: Callable,
    { typed, filled }: { readonly typed: TypedCommand; readonly filled: number },
  ): Offer {
    const { signature, least } = callable;
    const { before, current } = typed;
    const { definitions } = signature;
    const expected: Expected = expectedArguments({ signature, least, before, filled });
    const schema = current.name === null ? expected.next : expected.schemaOf(current.name);
    if (current.text.startsWith('@')) return filesFor(current);
    const service = entityNameIn(schema, definitions);
    const argument = current.name ?? expected.names[0]?.text.slice(0, -1) ?? '';
    return {
      ofPlugin: this.shell.plugins.completion(callable, argument),
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
    const { plugins } = this.shell;
    const stages = [...plugins.stages.values()];
    if (first == null) {
      return {
        candidates: [...STAGES]
          .filter(isListed)
          .map(([text, { summary }]) => ({ text, description: summary }))
          .concat(stages.map(({ name: text, description }) => ({ text, description }))),
      };
    }
    const spec = STAGES.get(first.text);
    if (spec === undefined) {
      const stage = plugins.stages.get(first.text);
      return stage === undefined ? NOTHING : this.#pluginStage(stage, { before, current }, head);
    }
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

  /** Its arguments, and properties of the rows, which it may want by name. */
  #pluginStage(
    { signature, least }: PluginStage,
    { before, current }: Pick<TypedCommand, 'before' | 'current'>,
    head: string,
  ): Offer {
    const { definitions } = signature;
    const args = before.slice(1);
    const expected = expectedArguments({ signature, least, before: args, filled: 0 });
    const schema = current.name === null ? expected.next : expected.schemaOf(current.name);
    const rows = this.#rowsOf(head);
    return {
      candidates: [
        ...schemaValues(schema, definitions),
        ...(current.name === null ? expected.names : []),
        ...(args.length === 0
          ? propertyCandidates(rows.properties, { ...rows, isOpen: false })
          : []),
      ],
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

const isListed = ([, { aliasOf }]: readonly [string, WordSpec]): boolean => aliasOf === undefined;

const named = (all: ReadonlyMap<string, Callable>): readonly Candidate[] =>
  [...all].map(([text, { description }]) => ({ text, description }));
