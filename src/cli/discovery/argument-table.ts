import { printable } from '../output/index.js';
import {
  type Definitions,
  describeSchema,
  propertiesOf,
  resolve,
  type Schema,
} from '../values/index.js';

/** An argument as it is told of. */
export type ArgumentRow = readonly [
  name: string,
  type: string,
  description: string,
  isRequired: boolean,
];

interface Place {
  readonly names: readonly string[];
  readonly least: number;
  readonly definitions: Definitions;
}

/** An argument each; the only object among them is shown by its properties, as it can be written. */
export function argumentRows(
  items: readonly unknown[],
  { names, least, definitions }: Place,
): readonly ArgumentRow[] {
  return items.flatMap((item, at): readonly ArgumentRow[] => {
    const properties = at === items.length - 1 ? propertiesOf(item, definitions) : null;
    if (properties === null) {
      const name = names[at] ?? `argument ${at + 1}`;
      return [
        [name, describeSchema(item, definitions), descriptionOf(item, definitions), at < least],
      ];
    }
    const { required } = resolve(item, definitions);
    const needed = new Set(Array.isArray(required) ? (required as unknown[]) : []);
    return Object.entries(properties).map(([name, schema]) => [
      name,
      describeSchema(schema, definitions),
      descriptionOf(schema, definitions),
      at < least && needed.has(name),
    ]);
  });
}

function descriptionOf(schema: unknown, definitions: Definitions): string {
  const resolved: Schema = resolve(schema, definitions);
  const { description, default: usual } = resolved;
  const text = typeof description === 'string' ? description : '';
  return usual === undefined
    ? text
    : `${text}${text === '' ? '' : '; '}default ${JSON.stringify(usual)}`;
}

/** In columns, what may be left out in brackets. */
export function argumentTable(rows: readonly ArgumentRow[]): string[] {
  const cells = rows.map(([name, type, description, isRequired]) => [
    printable(isRequired ? name : `[${name}]`),
    printable(type),
    printable(description),
  ]);
  const widths = [0, 1].map((at) => Math.max(0, ...cells.map((row) => row[at]?.length ?? 0)));
  return cells.map((row) =>
    `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd(),
  );
}

/** Values for those that must be there. */
export const exampleOf = (rows: readonly ArgumentRow[]): string =>
  rows
    .filter(([, , , isRequired]) => isRequired)
    .map(([name, type]) => ` ${name.startsWith('argument ') ? '' : `${name}=`}${sampleOf(type)}`)
    .join('');

function sampleOf(type: string): string {
  const [first = ''] = type.split(' | ');
  if (first === 'integer' || first === 'number') return '1';
  if (first === 'boolean') return 'yes';
  if (first === 'time') return 'now';
  return first === 'text' || first.includes(' ') || first === 'password' ? '…' : first;
}
