import type { ApiSchema } from './api-description.js';

/** A text as a literal on one line. */
export function quoted(value: unknown): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** Every line of a text two blanks further in. */
export function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** The description of a schema as a comment above what it describes; empty without one. */
export function docComment(schema: ApiSchema): string {
  if (typeof schema === 'boolean') return '';
  const { description, deprecated } = schema;
  return comment([
    ...(typeof description === 'string' ? [description] : []),
    ...(deprecated === true ? ['@deprecated'] : []),
  ]);
}

/** A comment of those paragraphs, which may hold anything; empty for none. */
export function comment(paragraphs: readonly string[]): string {
  const lines = paragraphs.flatMap((text) => harmless(text).split('\n'));
  if (lines.length === 0) return '';
  if (lines.length === 1) return `/** ${lines[0] ?? ''} */\n`;
  return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}

/** Descriptions are other people's: none may end the comment, or hide in it. */
function harmless(text: string): string {
  return text
    .replaceAll('*/', '*\\/')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ') // nor change how the lines are shown
    .trim();
}
