import { describe, expect, it } from 'vitest';
import type { ApiDescription } from '../../../codegen/index.js';
import type { MethodDescription } from '../../../wire/index.js';
import { BUILT_INS } from '../words-table.js';
import { buildTree } from './build-tree.js';
import { derivedCommands, type PathWord, resolveWords } from './resolve-words.js';
import { nearestPlace, parentOf, pathText, type Place, topOf } from './place.js';

const method = (name: string, more: Partial<MethodDescription> = {}): MethodDescription => ({
  name,
  description: null,
  private: false,
  unauthenticated: false,
  generator: false,
  deprecated: null,
  roles: [],
  parameters: [],
  'params-schema': { type: 'array', items: [], minItems: 0 },
  ...more,
});
const task = (...schema: Readonly<Record<string, unknown>>[]) => ({
  description: null,
  schema,
  required: schema.length,
  abortable: true,
  private: false,
  metadata: {},
});
const query = (properties: object): MethodDescription =>
  method('query', {
    parameters: ['filter', 'params'],
    'params-schema': {
      type: 'array',
      items: [{}, { type: 'object', properties: { select: {} } }],
      minItems: 0,
    },
    'result-schema': { anyOf: [{ type: 'array', items: { type: 'object', properties } }] },
  });

const TEXT = { type: 'string' };
const API: ApiDescription = {
  hash: 'x',
  definitions: {},
  methods: {
    probe: [method('add', { parameters: ['a', 'b'] }), method('get_by_name'), method('help')],
    'probe.item': [
      query({ name: { ...TEXT, 'x-key': true }, id: { type: 'integer' } }),
      method('rename', { parameters: ['name', 'to'] }),
      method('create', { private: true }),
    ],
    account: [
      query({ id: TEXT, username: TEXT }),
      method('remove', {
        parameters: ['username'],
        'params-schema': { type: 'array', items: [TEXT] },
      }),
    ],
    mail: [
      method('get_config', { 'result-schema': { type: 'object', properties: { host: TEXT } } }),
    ],
    hidden: [method('secret', { private: true })],
  },
  tasks: {
    'probe.item.create': task({ type: 'object' }),
    'probe.item.update': task(TEXT, { type: 'object' }),
    'probe.item.delete': task(TEXT),
    'probe.item.wipe': task({ ...TEXT, 'x-entity': 'probe.item' }),
    'probe.add': task(),
    'mail.update': task({ type: 'object' }),
    'files.copy': task({ type: 'object' }),
  },
  events: {},
};
const root = buildTree(API, { hasPrivate: false });
const at = (...words: string[]): Place => nearestPlace(root, words).place;
const words = (line: string): PathWord[] =>
  line
    .split(' ')
    .map((word) => ({ text: word.replaceAll("'", ''), isLiteral: word.startsWith("'") }));
const resolve = (line: string, place: Place = topOf(root), isAbsolute = false) => {
  const found = resolveWords(words(line), {
    root,
    place,
    isAbsolute,
    builtIns: new Set(BUILT_INS.keys()),
  });
  const name =
    found.kind === 'callable'
      ? found.callable.name
      : found.kind === 'derived'
        ? found.command
        : found.kind === 'built-in'
          ? found.name
          : found.kind === 'unknown'
            ? found.word
            : '';
  return `${found.kind} ${name} ${pathText(found.place)} ${found.used}`.replace('  ', ' ');
};

describe('the tree', () => {
  it('has a namespace for each word of a service, and for those of tasks', () => {
    expect([...root.children.keys()]).toEqual(['probe', 'account', 'mail', 'hidden', 'files']);
    expect(at('probe', 'item').namespace.path).toEqual(['probe', 'item']);
    expect(at('files').namespace.commands.get('copy')).toMatchObject({
      kind: 'task',
      task: 'files.copy',
    });
  });

  it('leaves private methods out until they are asked for', () => {
    expect(root.children.get('hidden')?.commands.size).toBe(0);
    const all = buildTree(API, { hasPrivate: true });
    expect([...(all.children.get('hidden')?.commands.keys() ?? [])]).toEqual(['secret']);
  });

  it('leaves a name to the method where a task has it too', () => {
    const { commands, hiddenTasks } = at('probe').namespace;
    expect([commands.get('add')?.kind, hiddenTasks.get('add')?.kind]).toEqual(['method', 'task']);
  });

  it.each([
    ['x-key of the row', ['probe', 'item'], 'name'],
    ['what a row is removed by', ['account'], 'username'],
  ])('takes for the key %s', (_, path, key) => {
    expect(at(...path).namespace.entity?.key).toBe(key);
  });

  it('finds what can be done to a row, and to a set of settings', () => {
    expect([...(at('probe', 'item').namespace.entity?.verbs.keys() ?? [])]).toEqual([
      'rename',
      'wipe',
    ]);
    expect(derivedCommands(at('probe', 'item', 'n1'))).toEqual([
      'show',
      'get',
      'set',
      'edit',
      'delete',
    ]);
    expect(derivedCommands(at('account', 'jane'))).toEqual(['show', 'get', 'delete']);
    expect(derivedCommands(at('mail'))).toEqual(['show', 'get', 'set', 'edit']);
  });
});

describe('the words of a command', () => {
  it.each([
    ['probe add 1', 'callable add /probe 2'],
    ['probe get-by-name', 'callable get_by_name /probe 2'],
    ['probe item show', 'derived show /probe/item 3'],
    ['probe item n1 get', 'derived get /probe/item/n1 4'],
    ['probe item n1 rename', 'callable rename /probe/item/n1 4'],
    ['probe item', 'place /probe/item 2'],
    ['probe item n1 .. .. add', 'callable add /probe 6'],
    ["probe item 'show' get", 'derived get /probe/item/show 4'],
    ['help', 'built-in help / 1'],
    ['probe help', 'callable help /probe 2'],
    ['probe nosuch', 'unknown nosuch /probe 2'],
    ["'probe'", 'unknown probe / 1'],
  ])('%s', (line, meaning) => {
    expect(resolve(line)).toBe(meaning);
  });

  it('leave a name to the server, and .name to the shell', () => {
    expect(resolve('help', at('probe'))).toBe('callable help /probe 1');
    expect(resolve('.help', at('probe'))).toBe('built-in help /probe 1');
    expect(resolve('@item', at('probe'))).toBe('unknown @item /probe 1');
  });

  it('begin at the top behind a slash', () => {
    expect(resolve('probe add', at('probe', 'item'), true)).toBe('callable add /probe 2');
    expect(resolve('help', at('probe'), true)).toBe('unknown help / 1');
  });
});

describe('a place', () => {
  it('is the nearest that is left', () => {
    expect(nearestPlace(root, ['probe', 'gone', 'deeper'])).toMatchObject({ isWhole: false });
    expect(pathText(at('probe', 'gone', 'deeper'))).toBe('/probe');
    expect(pathText(parentOf(root, at('probe', 'item', 'n1')))).toBe('/probe/item');
    expect(pathText(parentOf(root, topOf(root)))).toBe('/');
  });
});
