import { parseFieldPath, readField } from '../../../common/query/index.js';
import type { Expansion, TextPart, Value } from '../grammar/index.js';
import { UsageError } from '../../exit-status.js';
import { jsonText } from '../../output/index.js';
import type { WrittenValue } from '../../values/index.js';
import { anyValue, convert } from '../../values/index.js';
import type { Evaluation } from './evaluation.js';
import { noSuch } from '../../no-such.js';

/** A value with everything in it that is known only now; what it means its schema says. */
export async function written(value: Value, evaluation: Evaluation): Promise<WrittenValue> {
  switch (value.kind) {
    case 'bare':
      return { kind: 'text', text: value.text };
    case 'quoted':
      return { kind: 'quoted', text: await textOf(value.parts, evaluation) };
    case 'list':
      return { kind: 'list', items: await all(value.items, (item) => written(item, evaluation)) };
    case 'object': {
      const entries = await all(value.entries, async ([name, item]) => {
        return [name, await written(item, evaluation)] as const;
      });
      return { kind: 'object', entries };
    }
    case 'variable':
    case 'output':
    case 'status':
      return { kind: 'data', value: await expanded(value, evaluation) };
  }
}

/** A value where nothing says what it is meant to be. */
export async function freeValue(value: Value, evaluation: Evaluation): Promise<unknown> {
  const it = await written(value, evaluation);
  return it.kind === 'text' ? anyValue(it.text) : convert(it, {}, {});
}

/** A value as one text: a name, a file, a key. */
export async function plainText(value: Value, evaluation: Evaluation): Promise<string> {
  const it = await written(value, evaluation);
  if (it.kind === 'text' || it.kind === 'quoted') return it.text;
  const free = convert(it, {}, {});
  if (typeof free === 'object' && free !== null) {
    throw new UsageError(`One text is wanted here, and not ${jsonText(free).slice(0, SHOWN)}`);
  }
  return shownAsText(free);
}

const SHOWN = 40;

/** One after the other: an expansion may run a command. */
async function all<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (const item of items) done.push(await map(item));
  return done;
}

async function textOf(parts: readonly TextPart[], evaluation: Evaluation): Promise<string> {
  const texts = await all(parts, async (part) => {
    return typeof part === 'string' ? part : shownAsText(await expanded(part, evaluation));
  });
  return texts.join('');
}

/** Within a text: a text as it is, nothing for null, everything else as JSON. */
function shownAsText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function expanded(expansion: Expansion, evaluation: Evaluation): Promise<unknown> {
  const { variables } = evaluation.shell;
  switch (expansion.kind) {
    case 'output':
      return evaluation.runner.captured(expansion.pipeline, evaluation);
    case 'status':
      return evaluation.shell.status;
    case 'variable': {
      const { name, path } = expansion;
      if (variables.has(name)) return propertyOf(variables.get(name), path);
      const hint = [...variables.keys()].map((known) => `$${known}`);
      throw await noSuch(`There is no variable $${name}`, `$${name}`, hint);
    }
  }
}

/** As `| get PATH`: null where it leads nowhere. */
function propertyOf(value: unknown, path: string): unknown {
  return path === '' ? value : (readField(value, parseFieldPath(path)) ?? null);
}
