import { closest } from './did-you-mean.js';
import { OWN_SECTIONS, type Properties } from './schema/index.js';

/**
 * What an unknown key was probably meant to be: a key of the same section, or the full path of a
 * key that stands elsewhere (`message-size` belongs into `dispatcher.limits`).
 */
export function suggestKey(key: string, siblings: readonly string[]): string | null {
  return closest(key, siblings) ?? elsewhere(key);
}

function elsewhere(key: string): string | null {
  const paths = [...pathsOf(OWN_SECTIONS, [])];
  const name = closest(
    key,
    paths.map((path) => path.at(-1) ?? ''),
  );
  return paths.find((path) => path.at(-1) === name)?.join('.') ?? null;
}

function* pathsOf(properties: Properties, prefix: readonly string[]): Generator<readonly string[]> {
  for (const [key, schema] of Object.entries(properties)) {
    const path = [...prefix, key];
    if ('properties' in schema) yield* pathsOf(schema.properties, path);
    else yield path;
  }
}
