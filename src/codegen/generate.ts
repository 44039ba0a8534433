import type { MethodDescription, TaskClassRow } from '../wire/index.js';
import type { ApiDescription, ApiSchema } from './api-description.js';
import { elementLabel, propertyKey, sorted, typeNames } from './identifiers.js';
import { SchemaTypes } from './schema-type.js';
import { comment, docComment, indented, quoted } from './text.js';

interface GenerateOptions {
  /** Where the client library is imported from. */
  readonly library?: string;
}

/**
 * One TypeScript file that types all a server offers: a type for each definition, the maps `Methods`,
 * `Tasks`, `Events`, and `typed(client)`. The same description gives the same bytes.
 *
 * @example
 * const api = await describeApi((method, args) => client.call(method, args));
 * writeFileSync('dispatcher-api.ts', generateClient(api));
 */
export function generateClient(
  api: ApiDescription,
  { library = 'dispatcher/client' }: GenerateOptions = {},
): string {
  return new ClientFile(api, library).text();
}

/** Properties of a `TypedClient` that are no services. */
const OF_THE_CLIENT: ReadonlySet<string> = new Set(['tasks', 'events', 'with']);

class ClientFile {
  readonly #types: SchemaTypes;
  readonly #names: ReadonlyMap<string, string>;
  readonly #services: readonly [string, readonly MethodDescription[]][];

  constructor(
    private readonly api: ApiDescription,
    private readonly importedFrom: string,
  ) {
    this.#names = typeNames(sorted(api.definitions).map(([name]) => name));
    this.#types = new SchemaTypes(this.#names, api.definitions);
    this.#services = sorted(api.methods).map(([service, methods]) => [
      service,
      methods.filter((method) => !method.private).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ]);
  }

  text(): string {
    const library = quoted(this.importedFrom);
    const body = [
      ...sorted(this.api.definitions).map(([name, schema]) => this.#definition(name, schema)),
      this.#methods(),
      this.#serviceTypes(),
      this.#tasks(),
      this.#events(),
      this.#ending(),
    ].join('\n\n');
    const imports = [...(/\bPassword\b/.test(body) ? ['type Password'] : []), 'type TypedClient'];
    return [
      '// Made by `dispatcherctl codegen` from what a server says of itself. Do not edit it: make it again.',
      `// Schema hash: ${this.api.hash.replace(/[^\w.:+/=-]/g, '')}`,
      '/* eslint-disable */',
      `import { type DispatcherClient, ${imports.join(', ')}, typedClient } from ${library};`,
      '',
      body,
      '',
    ].join('\n');
  }

  #definition(name: string, schema: ApiSchema): string {
    const own = this.#names.get(name) ?? name;
    const members = this.#types.members(schema);
    const declaration =
      members === null
        ? `export type ${own} = ${this.#types.of(schema)};`
        : `export interface ${own} {\n${indented(members)}\n}`;
    return docComment(schema) + declaration;
  }

  #methods(): string {
    const lines = this.#services.flatMap(([service, methods]) =>
      methods.map((method) => {
        const key = quoted(`${service}.${method.name}`);
        return `readonly ${key}: { readonly args: ${this.#arguments(method)}; readonly result: ${this.#result(method)} };`;
      }),
    );
    return block('Arguments and results of methods, by their names.', 'Methods', lines);
  }

  #serviceTypes(): string {
    const services = this.#services.map(([service, methods]) => {
      const lines = methods.map((method) => {
        const map = `Methods[${quoted(`${service}.${method.name}`)}]`;
        const answer = method.generator
          ? `AsyncGenerator<${map}['result'][number], void, undefined>`
          : `Promise<${map}['result']>`;
        return `${methodComment(method)}${propertyKey(method.name)}(...args: ${map}['args']): ${answer};`;
      });
      const name = OF_THE_CLIENT.has(service) ? `$${service}` : service;
      return `readonly ${propertyKey(name)}: {\n${indented(lines.join('\n'))}\n};`;
    });
    return block('The services with their methods.', 'Services', services);
  }

  #tasks(): string {
    const lines = sorted(this.api.tasks)
      .filter(([, task]) => !task.private)
      .map(
        ([name, task]) =>
          comment(task.description === null ? [] : [task.description]) +
          `readonly ${quoted(name)}: { readonly args: ${this.#taskArguments(task)}; readonly result: unknown };`,
      );
    return block('Arguments and results of tasks, by their names.', 'Tasks', lines);
  }

  #events(): string {
    const lines = sorted(this.api.events).map(([name, { description, event_schema }]) => {
      const type =
        event_schema === null ? 'Readonly<Record<string, unknown>>' : this.#types.of(event_schema);
      return `${comment(description === null ? [] : [description])}readonly ${quoted(name)}: ${type};`;
    });
    return block('What events say, by their names.', 'Events', lines);
  }

  #ending(): string {
    const streams = this.#services.flatMap(([service, methods]) =>
      methods.filter(({ generator }) => generator).map(({ name }) => `${service}.${name}`),
    );
    return [
      'export interface Api {',
      '  readonly services: Services;',
      '  readonly tasks: Tasks;',
      '  readonly events: Events;',
      '}',
      '',
      `export const SCHEMA_HASH = ${quoted(this.api.hash)};`,
      `const STREAMS: readonly string[] = ${quoted(streams)};`,
      '',
      '/** The client with all that the server offers, typed: `typed(client).task.query()`. */',
      'export function typed(client: DispatcherClient): TypedClient<Api> {',
      '  return typedClient<Api>(client, { streams: STREAMS });',
      '}',
    ].join('\n');
  }

  #arguments({ parameters, 'params-schema': schema }: MethodDescription): string {
    if (schema === undefined) return 'readonly unknown[]';
    return this.#tuple(schema, parameters ?? []);
  }

  #taskArguments({ schema, required }: TaskClassRow): string {
    if (schema === null) return 'readonly unknown[]';
    return this.#tuple({ items: schema, minItems: required }, []);
  }

  #tuple(schema: Readonly<Record<string, unknown>>, names: readonly string[]): string {
    const items = (schema['items'] ?? []) as readonly ApiSchema[];
    const least = typeof schema['minItems'] === 'number' ? schema['minItems'] : items.length;
    const elements = items.map((item, index) => {
      const mark = index < least ? '' : '?';
      return `${elementLabel(names[index], index)}${mark}: ${this.#types.argument(item)}`;
    });
    return `readonly [${elements.join(', ')}]`;
  }

  #result({ generator, 'result-schema': schema }: MethodDescription): string {
    const type = this.#types.of(schema);
    if (!generator) return type;
    return type.startsWith('readonly ') && type.endsWith('[]') ? type : 'readonly unknown[]';
  }
}

function block(description: string, name: string, lines: readonly string[]): string {
  return `/** ${description} */\nexport interface ${name} {\n${indented(lines.join('\n'))}\n}`;
}

function methodComment({ description, deprecated, roles }: MethodDescription): string {
  return comment([
    ...(description === null ? [] : [description]),
    ...(roles.length > 0 ? ['', `Roles: ${roles.join(', ')}`] : []),
    ...(deprecated === null ? [] : [`@deprecated ${deprecated}`]),
  ]);
}
