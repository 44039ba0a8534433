/** A JSON Schema as a server publishes it. */
export type Schema = Readonly<Record<string, unknown>>;
export type Definitions = Readonly<Record<string, unknown>>;

const MAX_REFERENCES = 20;
const PREFIX = '#/definitions/';

/** A schema with what `$ref` at its top stands for; `{}` where that is not known. */
export function resolve(schema: unknown, definitions: Definitions): Schema {
  let found: unknown = schema;
  for (let hops = 0; hops < MAX_REFERENCES; hops += 1) {
    if (!isSchema(found)) return {};
    const { $ref } = found;
    if (typeof $ref !== 'string') return found;
    const name = $ref.startsWith(PREFIX) ? $ref.slice(PREFIX.length) : $ref;
    found = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  }
  return {};
}

/** What a value may be one of, references resolved; a schema without choices is the only one. */
export function branchesOf(schema: unknown, definitions: Definitions): readonly Schema[] {
  const branches: Schema[] = [];
  collect(schema, { definitions, branches, seen: new Set() });
  return branches;
}

interface Collected {
  readonly definitions: Definitions;
  readonly branches: Schema[];
  /** A schema may refer to itself. */
  readonly seen: Set<Schema>;
}

function collect(schema: unknown, into: Collected): void {
  const resolved = resolve(schema, into.definitions);
  if (into.seen.has(resolved) || into.seen.size > MAX_SCHEMAS) return;
  into.seen.add(resolved);
  const choices = resolved['anyOf'] ?? resolved['oneOf'];
  if (Array.isArray(choices)) {
    for (const choice of choices) collect(choice, into);
    return;
  }
  const { type } = resolved;
  const types: readonly unknown[] = Array.isArray(type) ? type : [];
  if (types.length === 0 || specialOf(resolved) !== null) into.branches.push(resolved);
  for (const one of types) {
    if (specialOf(resolved) === null) into.branches.push({ ...resolved, type: String(one) });
  }
}

const MAX_SCHEMAS = 200;

/** `datetime`, `password`, `binary`, `long`, … of a value that has a form of its own on the wire. */
export function specialOf(schema: Schema): string | null {
  const special = schema['x-dispatcher-type'];
  return typeof special === 'string' ? special : null;
}

/** The properties of an object's schema; null when it is none, or names none. */
export function propertiesOf(
  schema: unknown,
  definitions: Definitions,
): Readonly<Record<string, Schema>> | null {
  for (const branch of branchesOf(schema, definitions)) {
    const { properties } = branch;
    if (specialOf(branch) === null && isSchema(properties)) {
      return properties as Readonly<Record<string, Schema>>;
    }
  }
  return null;
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether anything of it is said elsewhere, so that the definitions have to be asked for. */
export function refersToDefinitions(schemas: unknown): boolean {
  return JSON.stringify(schemas ?? null).includes('"$ref"');
}

function rowSchemaOf(result: unknown, definitions: Definitions): unknown {
  for (const branch of branchesOf(result, definitions)) {
    if (branch['type'] === 'array' && branch['items'] !== undefined) return branch['items'];
  }
  return null;
}

/** The properties of a row of what a query answers with; null when nothing is said. */
export function rowProperties(
  result: unknown,
  definitions: Definitions,
): Readonly<Record<string, Schema>> | null {
  const row = rowSchemaOf(result, definitions);
  return row === null ? null : propertiesOf(row, definitions);
}
