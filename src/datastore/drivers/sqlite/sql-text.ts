import type { SqlValue } from './engine.js';

/** A piece of SQL with the values of its question marks. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** Joins text and values: `` sql`a = ${raw('b')} AND c < ${5}` ``. */
export function join(parts: readonly Sql[], separator: string): Sql {
  return {
    text: parts.map(({ text }) => text).join(separator),
    values: parts.flatMap(({ values }) => values),
  };
}

export function text(sql: string, ...values: SqlValue[]): Sql {
  return { text: sql, values };
}

/** An identifier in double quotes. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A literal in single quotes; a NUL would end the statement's text early. */
export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
