import { FORMATS, type SectionSchema, type ValueSchema } from './schema/index.js';

const LONGEST_QUOTE = 60;

/** What a key takes, as error messages and the documentation say it. */
export function expectedBy(schema: ValueSchema | SectionSchema): string {
  if ('enum' in schema) return enumerate(schema.enum.map((option) => JSON.stringify(option)));
  switch (schema.type) {
    case 'integer':
      return `a whole number from ${schema.minimum} to ${schema.maximum}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return FORMATS[schema.format].expected;
    case 'array':
      return `an array, each item ${FORMATS[schema.items.format].expected}`;
    case 'object':
      if (!('additionalProperties' in schema) || typeof schema.additionalProperties === 'boolean') {
        return 'an object';
      }
      return schema.additionalProperties.type === 'string'
        ? 'an object of texts'
        : 'an object of objects';
  }
}

/** A value from the file, short enough for a line and with nothing in it that could break one. */
export function quote(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}..."`;
}

/** `keyPath(['dispatcher', 'plugin-dirs', '0']) // 'dispatcher.plugin-dirs.0'` */
export function keyPath(segments: readonly string[]): string {
  return segments.map((key) => (/^[\w$-]+$/.test(key) ? key : quote(key))).join('.');
}

function enumerate(words: readonly string[]): string {
  return words.length < 2
    ? words.join()
    : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
