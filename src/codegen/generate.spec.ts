import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MethodDescription } from '../wire/index.js';
import { type ApiDescription, generateClient, type ApiSchema } from './index.js';

const LIBRARY = fileURLToPath(new URL('../client/index.ts', import.meta.url));
const DATE = { 'x-dispatcher-type': 'datetime', type: 'object' };

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'dispatcher-codegen-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** What the compiler says of a program that uses the file, under `strict` and more. */
function compile(generated: string, program = ''): string[] {
  writeFileSync(join(folder, 'api.mts'), generated);
  writeFileSync(join(folder, 'program.mts'), program || "import './api.mjs';\n");
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.esnext.disposable.d.ts'],
    paths: { 'dispatcher/client': [LIBRARY] },
  };
  const files = ['api.mts', 'program.mts'].map((name) => join(folder, name));
  const made = ts.createProgram(files, options);
  return files.flatMap((file) =>
    [
      ...made.getSyntacticDiagnostics(made.getSourceFile(file)),
      ...made.getSemanticDiagnostics(made.getSourceFile(file)),
    ].map(
      ({ messageText, start }) =>
        `${start ?? 0}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    ),
  );
}

function method(name: string, more: Partial<MethodDescription> = {}): MethodDescription {
  const marks = { private: false, unauthenticated: false, generator: false, deprecated: null };
  return { name, description: null, ...marks, roles: [], parameters: null, ...more };
}

function api(parts: Partial<ApiDescription>): ApiDescription {
  return { hash: 'abc', definitions: {}, methods: {}, tasks: {}, events: {}, ...parts };
}

const SHARES = api({
  definitions: {
    Share: {
      type: 'object',
      description: 'A folder that others see',
      properties: {
        name: { type: 'string' },
        kind: { enum: ['smb', 'nfs', 3, null] },
        made_at: DATE,
        secret: { 'x-dispatcher-type': 'password' },
        size: { anyOf: [{ 'x-dispatcher-type': 'long', type: 'integer' }, { type: 'null' }] },
        parent: { $ref: '#/definitions/Share' },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
      },
      required: ['name', 'kind', 'made_at', 'secret', 'size'],
      additionalProperties: false,
    },
  },
  methods: {
    share: [
      method('query', {
        description: 'Lists shares',
        roles: ['reader'],
        parameters: ['filter', 'params'],
        'params-schema': {
          type: 'array',
          items: [{ type: ['array', 'null'] }, { type: 'object' }],
          minItems: 0,
        },
        'result-schema': { type: 'array', items: { $ref: '#/definitions/Share' } },
      }),
      method('follow', {
        generator: true,
        'params-schema': { type: 'array', items: [] },
        'result-schema': { type: 'array', items: { $ref: '#/definitions/Share' } },
      }),
      method('reset', { private: true }),
      method('old', { deprecated: 'query' }),
    ],
    tasks: [
      method('clear', {
        'params-schema': { type: 'array', items: [] },
        'result-schema': { type: 'null' },
      }),
    ],
  },
  tasks: {
    'share.create': {
      description: 'Makes one',
      schema: [{ $ref: '#/definitions/Share' }, { type: 'boolean' }],
      required: 1,
      abortable: true,
      private: false,
      metadata: {},
    },
  },
  events: {
    'share.changed': {
      refcount: 0,
      description: null,
      source: null,
      event_schema: {
        type: 'object',
        properties: { name: { type: 'string' } },
        required: ['name'],
      },
    },
  },
});

it('types calls, streams, tasks and events, and refuses what the schemas refuse', () => {
  const program = `
    import { DispatcherClient } from 'dispatcher/client';
    import { type Share, typed } from './api.mjs';
    const api = typed(new DispatcherClient({ url: 'ws://127.0.0.1/socket' }));
    export const rows: readonly Share[] = await api.share.query(null, { limit: 3 });
    for await (const share of api.share.follow()) console.log(share.made_at.getTime(), share.parent?.name);
    await api.$tasks.clear();
    const share: Share = { name: 'a', kind: 'smb', made_at: new Date(), secret: 'x', size: 2n ** 60n };
    const limited = api.with({ timeoutMs: 500, signal: AbortSignal.timeout(9) });
    export const id: number = await limited.tasks['share.create'].submit(share);
    await api.tasks['share.create'].run(share, true);
    export const stop = api.events.on('share.changed', ({ args, name }) => console.log(args.name.length, name));
    // @ts-expect-error a kind that there is not
    export const wrong: Share = { ...share, kind: 'ftp' };
    // @ts-expect-error it takes a share
    await api.tasks['share.create'].run('a');
    // @ts-expect-error there is no such method
    await api.share.nosuch();
    // @ts-expect-error a private method is not offered
    await api.share.reset();
    // @ts-expect-error there is no such event
    api.events.on('share.nosuch', () => undefined);
  `;
  expect(compile(generateClient(SHARES), program)).toEqual([]);
});

it('keeps descriptions, roles and what is deprecated as comments', () => {
  const text = generateClient(SHARES);
  expect(text).toContain('/** A folder that others see */\nexport interface Share {');
  expect(text).toMatch(/\* Lists shares\n\s+\*\n\s+\* Roles: reader/);
  expect(text).toContain('/** @deprecated query */');
});

it('gives the same bytes for the same description, in whatever order it comes', () => {
  const reversed = (entries: object): never =>
    Object.fromEntries(Object.entries(entries).toReversed()) as never;
  const shares = SHARES.methods['share'] ?? [];
  const methods = reversed({ ...SHARES.methods, share: shares.toReversed() });
  expect(generateClient({ ...SHARES, methods, events: reversed(SHARES.events) })).toBe(
    generateClient(SHARES),
  );
});

const HOSTILE = [
  '*/ export const owned = 1; /*',
  '`${1}`',
  '\u2028owned()',
  '"; owned();',
  '\\',
  '\r\nowned()',
  '__proto__',
  '',
  'with',
  'A B',
  'a b',
  'Promise',
  'interface',
];

it('lets no name and no description out of its place', () => {
  const text = (schema: Record<string, unknown>): ApiSchema => ({
    ...schema,
    description: HOSTILE.join('\n'),
  });
  const properties: Record<string, ApiSchema> = Object.fromEntries(
    HOSTILE.map((name) => [name, text({ enum: [name] })]),
  );
  const definitions = Object.fromEntries(
    HOSTILE.map((name) => [name, text({ type: 'object', properties })]),
  );
  const described = HOSTILE.map((name) =>
    method(name, {
      description: HOSTILE.join(' '),
      deprecated: HOSTILE.join(' '),
      roles: HOSTILE,
      parameters: HOSTILE,
      'params-schema': {
        type: 'array',
        items: HOSTILE.map((one) => ({ $ref: `#/definitions/${one}` })),
      },
    }),
  );
  const generated = generateClient(
    api({
      hash: '*/\nowned()',
      definitions,
      methods: Object.fromEntries(HOSTILE.map((name) => [name, described])),
      events: Object.fromEntries(
        HOSTILE.map((name) => [
          name,
          {
            refcount: 0,
            description: name,
            source: null,
            event_schema: { type: 'object', properties },
          },
        ]),
      ),
    }),
  );
  const file = ts.createSourceFile('api.ts', generated, ts.ScriptTarget.ES2023);
  const kinds = new Set(file.statements.map(({ kind }) => kind));
  const declared = [
    ts.SyntaxKind.ImportDeclaration,
    ts.SyntaxKind.InterfaceDeclaration,
    ts.SyntaxKind.TypeAliasDeclaration,
    ts.SyntaxKind.VariableStatement,
    ts.SyntaxKind.FunctionDeclaration,
  ];
  expect([...kinds].filter((kind) => !declared.includes(kind))).toEqual([]);
  expect(file.statements.filter(ts.isVariableStatement)).toHaveLength(2);
  expect(compile(generated)).toEqual([]);
});

it.each<[string, ApiSchema, string]>([
  ['nothing said', {}, 'unknown'],
  ['never', false, 'never'],
  [
    'a tuple',
    {
      type: 'array',
      items: [{ type: 'string' }, { type: 'number' }],
      minItems: 1,
      additionalItems: false,
    },
    'readonly [string, number?]',
  ],
  [
    'an open tuple',
    { type: 'array', items: [{ type: 'string' }], minItems: 1 },
    'readonly [string, ...unknown[]]',
  ],
  [
    'a list of alternatives',
    { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
    'readonly (string | null)[]',
  ],
  [
    'lists in lists',
    { type: 'array', items: { type: 'array', items: {} } },
    'readonly (readonly unknown[])[]',
  ],
  ['nullable', { type: 'integer', nullable: true }, 'number | null'],
  [
    'all of',
    { allOf: [{ type: 'string' }, { anyOf: [{ const: 'a' }, { const: 'b' }] }] },
    'string & ("a" | "b")',
  ],
  ['several types', { type: ['integer', 'boolean', 'null'] }, 'number | boolean | null'],
  ['a reference to nothing', { $ref: '#/definitions/Gone' }, 'unknown'],
  [
    'a map',
    { type: 'object', additionalProperties: { type: 'integer' } },
    'Readonly<Record<string, number>>',
  ],
  ['what nobody knows', { type: 'tensor' }, 'unknown'],
  ['alternatives, one of them open', { anyOf: [{ type: 'string' }, {}] }, 'unknown'],
])('says %s', (_, schema, type) => {
  const text = generateClient(api({ definitions: { Tried: schema } }));
  expect(text).toContain(`export type Tried = ${type};`);
});

it('lets a caller leave out what the server fills in, and counts on it in answers', () => {
  const Disk: ApiSchema = {
    type: 'object',
    properties: { name: { type: 'string' }, size: { type: 'integer', default: 3 } },
    required: ['name', 'size'],
  };
  const text = generateClient({
    ...SHARES,
    definitions: { ...SHARES.definitions, Disk },
    methods: {
      disk: [
        method('make', {
          'params-schema': { type: 'array', items: [{ $ref: '#/definitions/Disk' }], minItems: 1 },
          'result-schema': { $ref: '#/definitions/Disk' },
        }),
        method('make_plain', {
          'params-schema': { type: 'array', items: [Disk], minItems: 1 },
          'result-schema': Disk,
        }),
      ],
    },
  });
  const program = `
    import { DispatcherClient } from 'dispatcher/client';
    import { typed } from './api.mjs';
    const api = typed(new DispatcherClient({ url: 'ws://127.0.0.1/socket' }));
    export const sizes: number[] = [
      (await api.disk.make({ name: 'a' })).size, (await api.disk.make({ name: 'a', size: 4 })).size,
      (await api.disk.make_plain({ name: 'a' })).size,
    ];
    // @ts-expect-error what has no default has to be given
    await api.disk.make({ size: 4 });
    // @ts-expect-error here as well
    await api.disk.make_plain({ size: 4 });
  `;
  expect(compile(text, program)).toEqual([]);
});
