import {
  propertiesOf,
  resolve,
  type Schema,
  type Signature,
  branchesOf,
} from '../../values/index.js';
import type {
  Argument,
  Command,
  ObjectEntry,
  Pipeline,
  Sequence,
  Statement,
  Value,
} from '../grammar/index.js';
import { parseScript } from '../grammar/index.js';

/** What stands in the history for a secret. */
export const HIDDEN = '<hidden>';

/** What the words of a command take, as far as it is known. */
export type SignatureOf = (
  command: Command,
) => { readonly signature: Signature; readonly used: number } | null;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A name that nobody gives to what everybody may know. */
const SECRET_NAME =
  /passw|passphrase|secret|credential|private_?key|api_?key|(?:^|_)(?:token|pw|pin)$/i;
const SECRET_IN_TEXT = /(?:passw\w*|passphrase|secret|token|api_?key)["']?\s*[=:]/i;

/**
 * A line as the history keeps it: values of password arguments are `<hidden>`. Null for one that is not kept at
 * all: it begins with a blank, logs in, or cannot be read and has a secret in it by the looks of it.
 *
 * @example
 * keptLine('user create password=s3cr3t', signatureOf) // 'user create password=<hidden>'
 */
export function keptLine(line: string, signatureOf: SignatureOf): string | null {
  if (/^\s/.test(line) || line === '') return null;
  const { statements, problems } = parseScript(line);
  if (problems.length > 0 && SECRET_IN_TEXT.test(line)) return null;
  const finder = new SecretFinder(signatureOf);
  for (const statement of statements) finder.statement(statement);
  if (finder.hasLogin) return null;
  let kept = line;
  for (const { start, end } of finder.spans.sort((a, b) => b.start - a.start)) {
    kept = kept.slice(0, start) + HIDDEN + kept.slice(end);
  }
  return kept;
}

/** Whether the value of an argument of this name and schema is nobody's business. */
function isSecret(name: string, schema: unknown, definitions: Signature['definitions']): boolean {
  if (SECRET_NAME.test(name)) return true;
  return branchesOf(schema ?? {}, definitions).some(
    (branch) => branch['x-dispatcher-type'] === 'password',
  );
}

/** Goes through all that a line says. */
class SecretFinder {
  readonly spans: Span[] = [];
  hasLogin = false;

  constructor(private readonly signatureOf: SignatureOf) {}

  statement(statement: Statement): void {
    switch (statement.kind) {
      case 'sequence':
        this.#sequence(statement);
        return;
      case 'set': {
        const { name, value } = statement;
        if (value.kind === 'pipeline') this.#pipeline(value);
        else this.#value(value, { name, schema: {}, definitions: {} });
        return;
      }
      case 'for':
        this.#value(statement.list, ANY);
        break;
      case 'if':
        this.#sequence(statement.condition);
        for (const one of [...statement.then, ...(statement.otherwise ?? [])]) this.statement(one);
        return;
    }
    for (const one of statement.body) this.statement(one);
  }

  #sequence({ first, rest }: Sequence): void {
    this.#pipeline(first);
    for (const { pipeline } of rest) this.#pipeline(pipeline);
  }

  #pipeline({ command, stages }: Pipeline): void {
    this.#command(command);
    for (const { words, block } of stages) {
      for (const word of words) this.#argument(word, ANY);
      for (const one of block ?? []) this.statement(one);
    }
  }

  #command(command: Command): void {
    const { words } = command;
    if (words.some(isLogin)) this.hasLogin = true;
    const found = this.signatureOf(command);
    const definitions = found?.signature.definitions ?? {};
    const items = found?.signature.items ?? [];
    const names = found?.signature.parameters ?? [];
    let place = 0;
    for (const [at, word] of words.entries()) {
      if (word.kind !== 'positional' || found === null || at < found.used) {
        this.#argument(word, { name: '', schema: objectOf(items, names, found), definitions });
        continue;
      }
      this.#value(word.value, {
        name: names[place] ?? '',
        schema: items[place] ?? {},
        definitions,
      });
      place += 1;
    }
  }

  #argument(word: Argument, of: Known): void {
    if (word.kind === 'positional') {
      this.#value(word.value, ANY);
      return;
    }
    if (word.value === null) return;
    const { definitions } = of;
    const properties = propertiesOf(of.schema, definitions) ?? {};
    const schema = Object.hasOwn(properties, word.name) ? properties[word.name] : {};
    this.#value(word.value, { name: word.name, schema, definitions });
  }

  #value(value: Value, known: Known): void {
    const { name, schema, definitions } = known;
    const isWritten = value.kind === 'bare' || value.kind === 'quoted';
    if (isSecret(name, schema, definitions) && value.kind !== 'variable') {
      if (value.end > value.start) this.spans.push(value);
      return;
    }
    if (isWritten) {
      const text = value.kind === 'bare' ? value.text : value.parts.filter(isText).join('');
      if (SECRET_IN_TEXT.test(text)) this.spans.push(value);
      else if (value.kind === 'quoted') {
        for (const part of value.parts) if (!isText(part)) this.#value(part, ANY);
      }
      return;
    }
    switch (value.kind) {
      case 'list': {
        const item = resolve(schema, definitions)['items'];
        for (const one of value.items) this.#value(one, { name: '', schema: item, definitions });
        return;
      }
      case 'object':
        this.#entries(value.entries, known);
        return;
      case 'output':
        this.#pipeline(value.pipeline);
    }
  }

  #entries(entries: readonly ObjectEntry[], { schema, definitions }: Known): void {
    const properties = propertiesOf(schema, definitions) ?? {};
    for (const [name, value] of entries) {
      const own = Object.hasOwn(properties, name) ? properties[name] : {};
      this.#value(value, { name, schema: own, definitions });
    }
  }
}

interface Known {
  readonly name: string;
  readonly schema: unknown;
  readonly definitions: Signature['definitions'];
}

const ANY: Known = { name: '', schema: {}, definitions: {} };
const isText = (part: unknown): part is string => typeof part === 'string';

const isLogin = (word: Argument, at: number): boolean =>
  at === 0 &&
  word.kind === 'positional' &&
  word.value.kind === 'bare' &&
  /^\.?login$/.test(word.value.text);

/** What may be given by name: parameters, and properties of the objects among them. */
function objectOf(
  items: readonly unknown[],
  names: readonly string[],
  found: { readonly signature: Signature } | null,
): Schema {
  const definitions = found?.signature.definitions ?? {};
  const own = items.flatMap((item, at) => [
    ...Object.entries(propertiesOf(item, definitions) ?? {}),
    ...(names[at] === undefined ? [] : [[names[at], item] as const]),
  ]);
  return { type: 'object', properties: Object.fromEntries(own) };
}
