/** What a command or a stage hands on. */
export type Flow =
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'rows';
      readonly rows: AsyncIterable<unknown>;
      /** Of a table, where somebody chose them. */
      readonly columns: readonly string[] | null;
    }
  /** In pieces where it goes on. */
  | { readonly kind: 'text'; readonly text: string | AsyncIterable<string> };

export const NONE: Flow = { kind: 'none' };

/** An answer as a flow: a list is rows, anything else a value. */
export function flowOf(value: unknown, columns: readonly string[] | null = null): Flow {
  if (!Array.isArray(value)) return { kind: 'value', value };
  return { kind: 'rows', rows: iterated(value), columns };
}

async function* iterated(values: readonly unknown[]) {
  await Promise.resolve();
  yield* values;
}

/** The whole of a flow as one value: rows as a list, nothing as null. */
export async function valueOf(flow: Flow): Promise<unknown> {
  switch (flow.kind) {
    case 'none':
      return null;
    case 'value':
      return flow.value;
    case 'text':
      return wholeText(flow.text);
    case 'rows': {
      const rows: unknown[] = [];
      for await (const row of flow.rows) rows.push(row);
      return rows;
    }
  }
}

export async function wholeText(text: string | AsyncIterable<string>): Promise<string> {
  if (typeof text === 'string') return text;
  let whole = '';
  for await (const piece of text) whole += piece;
  return whole;
}
