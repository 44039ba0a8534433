import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { readConfigurationFile } from './configuration-file.js';
import { configurationFrom } from './load-configuration.js';
import { PUBLISHED_SCHEMA, PUBLISHED_SECTIONS, type Properties } from './schema/index.js';
import { expectedBy } from './wording.js';

const docs = (name: string) => new URL(`../../docs/${name}`, import.meta.url).pathname;

describe('the published schema', () => {
  it('is the one that is checked with (npx vitest run --project unit src/config -u writes it)', async () => {
    const text = JSON.stringify(PUBLISHED_SCHEMA);
    const pretty = await format(text, { parser: 'json', printWidth: 100 });
    await expect(pretty).toMatchFileSnapshot(docs('middleware.schema.json'));
  });

  it('works for readers that know none of its formats', () => {
    const published = JSON.parse(readFileSync(docs('middleware.schema.json'), 'utf8')) as object;
    const validate = new Ajv({ validateFormats: false }).compile(published);
    expect(validate({ dispatcher: { 'websocket-port': 0 }, others: 1 })).toBe(true);
    expect(validate({ dispatcher: { 'websocket-prot': 0 } })).toBe(false);
    expect(validate({ cli: { pager: 'sometimes' } })).toBe(false);
  });

  it('describes every key', () => {
    for (const [path, schema] of valuesOf(PUBLISHED_SECTIONS, '')) {
      expect(schema.description, path).toMatch(/^[A-Zsv].*\.$/);
    }
  });
});

describe('the page on the configuration', () => {
  it('has one row for every key, as the schema says it (copy rows from the difference)', () => {
    const page = readFileSync(docs('configuration.md'), 'utf8');
    const documented = page
      .split('\n')
      .filter((line) => /^\| `(datastore|dispatcher|etcd|cli)\./.test(line))
      .map((line) => line.replace(/\s*\|\s*/g, ' | ').trim());
    expect(documented).toEqual(
      [...valuesOf(PUBLISHED_SECTIONS, '')].map(([path, schema]) => rowOf(path, schema)),
    );
  });
});

describe('the sample configuration', () => {
  it('is accepted as it stands', () => {
    const sample = readConfigurationFile({ kind: 'named', path: docs('middleware.sample.conf') });
    const environment = { env: {}, uid: 0, home: '/root', hostName: 'nas1' };
    const configuration = configurationFrom(sample, { overrides: {} }, environment);
    expect(Object.keys(configuration.other)).toContain('cli');
  });
});

type Value = Exclude<Properties[string], { readonly properties: unknown }>;

function rowOf(path: string, schema: Value): string {
  const fallback = schema.default === undefined ? 'none' : `\`${JSON.stringify(schema.default)}\``;
  return `| \`${path}\` | ${expectedBy(schema)} | ${fallback} | ${schema.description} |`;
}

function* valuesOf(properties: Properties, prefix: string): Generator<[string, Value]> {
  for (const [key, schema] of Object.entries(properties)) {
    const path = `${prefix}${key}`;
    if ('properties' in schema) yield* valuesOf(schema.properties, `${path}.`);
    else yield [path, schema];
  }
}
