import type { Provider as NestProvider } from '@nestjs/common';
import type { SchemaRegistry } from '../schema/index.js';
import type { PluginMetadata } from '../sdk/index.js';
import type { PluginClass } from './code/plugin-class.reader.js';

interface Given {
  /** The plugin's name. */
  readonly name: string;
  /** What `dispatcher.plugins.<name>` says. */
  readonly given: object | undefined;
  readonly declared: PluginClass;
  readonly schemas: SchemaRegistry;
}

/**
 * The options of a plugin with the defaults of its schema filled in.
 *
 * @throws Error naming the key of each that does not fit, and those of a plugin that takes none
 */
export function checkedOptions({ name, given, declared, schemas }: Given): object {
  const { options: schema } = declared.plugin;
  const where = `dispatcher.plugins.${name}`;
  if (schema === undefined) {
    if (given !== undefined && !('forRoot' in declared.type))
      throw new Error(`${where}: the plugin takes no options, remove them`);
    return given ?? {};
  }
  const checked = [structuredClone(given ?? {})];
  const errors = schemas
    .compileArguments([schema], { owner: name })
    .validate(checked, { strict: true });
  if (errors === null) return checked[0] ?? {};
  const problems = errors.map(({ path, message }) =>
    [`${[where, ...path.slice(1)].join('.')}:`, message].join(' '),
  );
  throw new Error(problems.join('; '));
}

/** Options are injected under the class that describes them. */
export function optionsProviders(
  { options: type }: PluginMetadata,
  options: object,
): NestProvider[] {
  return type === undefined ? [] : [{ provide: type, useValue: options }];
}
