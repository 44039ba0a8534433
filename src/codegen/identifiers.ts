import { quoted } from './text.js';

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
/** What a generated file itself declares or relies on. */
const TAKEN: ReadonlySet<string> = new Set(
  (
    'Api Events Methods Services Tasks TypedClient SCHEMA_HASH STREAMS typed typedClient ' +
    'AsyncGenerator Date DispatcherClient Password Promise Readonly Record Uint8Array ' +
    'any bigint boolean never number object string symbol undefined unknown void ' +
    'arguments async await break case catch class const continue debugger default delete do else enum eval ' +
    'export extends false finally for function if implements import in instanceof interface let new null package ' +
    'private protected public return static super switch this throw true try type typeof var while with yield'
  ).split(' '),
);

/** A name as it may stand for a property: quoted if it is no identifier. */
export function propertyKey(name: string): string {
  return IDENTIFIER.test(name) ? name : quoted(name);
}

/** What a tuple calls one of its elements; names there need not be unique. */
export function elementLabel(name: string | undefined, index: number): string {
  const label = (name ?? '').replace(/[^\w$]/g, '_');
  if (!IDENTIFIER.test(label)) return `argument${index + 1}`;
  return TAKEN.has(label) ? `${label}_` : label;
}

/**
 * Names of types for names of definitions, each an identifier of its own: `share.row` becomes
 * `ShareRow`, a second `ShareRow` becomes `ShareRow2`. The same names always give the same.
 */
export function typeNames(definitions: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set(TAKEN);
  const names = new Map<string, string>();
  // those that can stay as they are have the first choice
  const [plain, others] = [
    definitions.filter((name) => IDENTIFIER.test(name)),
    definitions.filter((name) => !IDENTIFIER.test(name)),
  ];
  for (const name of [...plain, ...others]) {
    const wanted = IDENTIFIER.test(name) ? name : pascalCase(name);
    let free = wanted;
    for (let number = 2; taken.has(free); number += 1) free = `${wanted}${number}`;
    taken.add(free);
    names.set(name, free);
  }
  return names;
}

function pascalCase(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^[A-Za-z]/.test(joined) ? joined : `Type${joined}`;
}

/** By code unit, whatever the machine's language: the same input gives the same file. */
export function sorted<T>(entries: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
}
