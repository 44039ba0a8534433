import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { MethodDescription } from '../../../wire/index.js';
import type { Session } from '../../session/index.js';
import type { Completion } from '../editor/index.js';
import { nearestPlace } from '../namespaces/index.js';
import { Shell } from '../shell.js';
import { LineCompleter, LiveValues } from './index.js';

const TEXT = { type: 'string' };
const INTEGER = { type: 'integer', description: 'a number' };
const KIND = { enum: ['hot', 'cold'] };
const ROW = {
  type: 'object',
  properties: {
    name: { ...TEXT, 'x-key': true },
    uid: INTEGER,
    kind: KIND,
    isOn: { type: 'boolean' },
    tags: { type: 'array', items: KIND },
    owner: { ...TEXT, 'x-entity': 'probe.item' },
  },
  required: ['uid'],
};

const method = (name: string, parameters: string[], items: object[], more = {}) => ({
  name,
  description: `Does ${name}`,
  private: false,
  unauthenticated: false,
  generator: false,
  deprecated: null,
  roles: [],
  parameters,
  'params-schema': { type: 'array', items, minItems: items.length },
  ...more,
});
const task = (...schema: object[]) => ({
  description: null,
  schema,
  required: schema.length,
  abortable: true,
  private: false,
  metadata: {},
});
const METHODS: Record<string, object[]> = {
  probe: [
    method('add', ['a', 'b'], [INTEGER, INTEGER]),
    method('adjust_all', [], []),
    method('choose', ['kind', 'on'], [KIND, { type: 'boolean' }]),
  ],
  'probe.item': [
    method('query', ['filter', 'params'], [{}, { type: 'object', properties: { select: {} } }], {
      'result-schema': { type: 'array', items: ROW },
    }),
    method('rename', ['name', 'to'], [TEXT, TEXT]),
  ],
};
const TASKS = {
  'probe.item.create': task(ROW),
  'probe.item.update': task(TEXT, ROW),
  'probe.item.delete': task(TEXT),
  'probe.give': task({
    type: 'object',
    properties: { item: { ...TEXT, 'x-entity': 'probe.item' }, note: TEXT },
    required: ['item'],
  }),
};
const EVENTS = { 'probe.tick': { description: 'Ticks', event_schema: null } };
const ROWS = ['n1', 'n2', 'other', 'show', 'two words'].map((name) => ({ name }));

/** A server that answers discovery, and one query; `asked` is all that it was sent. */
class Stub {
  readonly asked: string[] = [];
  answer: () => unknown = () => ROWS;

  readonly call = (async (name: string, args: unknown[] = []) => {
    this.asked.push(name);
    await Promise.resolve();
    switch (name) {
      case 'discovery.get_services':
        return Object.keys(METHODS);
      case 'discovery.get_methods':
        return METHODS[String(args[0])] as MethodDescription[];
      case 'discovery.get_tasks':
        return TASKS;
      case 'discovery.get_event_types':
        return EVENTS;
      case 'discovery.get_schema':
        return { definitions: {} };
      case 'discovery.get_schema_hash':
        return 'hash';
      case 'probe.item.query':
        return this.answer();
      default:
        throw new Error(`${name} must not be called`);
    }
  }) as Session['call'];
}

let stub: Stub;
let shell: Shell;
let completer: LineCompleter;
beforeEach(async () => {
  stub = new Stub();
  const session = {
    call: stub.call,
    url: 'ws://nowhere',
    cli: { aliases: { mine: 'probe add 1 2' }, pluginDirs: [], shippedPlugins: false },
    signal: new AbortController().signal,
  } as unknown as Session;
  shell = await Shell.open(session, {
    env: {},
    hasPrivate: false,
    hasFiles: true,
    warn: () => undefined,
  });
  completer = new LineCompleter(shell, new LiveValues({ call: stub.call, waitMs: 50 }));
  stub.asked.length = 0;
});

const completion = (line: string): Promise<Completion> =>
  Promise.resolve(completer.complete(line, line.length));
const texts = async (line: string) => (await completion(line)).candidates.map(({ text }) => text);
/** The line with the candidate in it. */
const completed = async (line: string) => {
  const { start, end, candidates } = await completion(line);
  return candidates.map(({ text }) => line.slice(0, start) + text + line.slice(end));
};

describe('candidates', () => {
  it.each<[string, readonly string[]]>([
    ['pro', ['probe']],
    ['/pro', ['probe']],
    ['probe a', ['add', 'adjust_all']],
    ['probe adjust-', ['adjust_all']],
    ['probe add ', ['a=', 'b=']],
    ['probe add 1 ', ['b=']],
    ['probe add a=1 ', ['b=']],
    ['probe choose ', ['hot', 'cold', 'kind=', 'on=']],
    ['probe choose hot ', ['yes', 'no', 'on=']],
    ['probe choose kind=', ['hot', 'cold']],
    ['probe choose kind=h', ['hot']],
    ['probe item create ', ['uid=', 'name=', 'kind=', 'isOn=', 'tags=', 'owner=']],
    ['probe item create kind=hot i', ['isOn=']],
    ['probe item n1 ', ['show', 'get', 'set', 'edit', 'delete', 'rename']],
    ['probe item n1 set k', ['kind=']],
    ['probe item n1 set kind=', ['hot', 'cold']],
    ['probe item n1 get k', ['kind']],
    ['probe item show k', ['kind']],
    ['probe item show kind==', ['hot', 'cold']],
    ['probe item show | s', ['search', 'sort', 'select', 'save']],
    ['probe item show | search u', ['uid']],
    ['probe item show | search kind==h', ['hot']],
    ['probe item show | sort -u', ['-uid']],
    ['probe item show | to y', ['yaml']],
    ['a; probe a', ['add', 'adjust_all']],
    ['a && probe a', ['add', 'adjust_all']],
    ['for x in [1] { probe a', ['add', 'adjust_all']],
    ['if probe a', ['add', 'adjust_all']],
    ['say $(probe a', ['add', 'adjust_all']],
    ['say "x $(probe a', ['add', 'adjust_all']],
    ['a | each { probe a', ['add', 'adjust_all']],
    ['cd pro', ['probe']],
    ['cd /probe/', ['/probe/item']],
    ['cd probe i', ['item']],
    ['call probe.a', ['probe.add', 'probe.adjust_all']],
    ['call probe.add a', ['a=']],
    ['submit probe.g', ['probe.give']],
    ['explain probe a', ['add', 'adjust_all']],
    ['help probe a', ['add', 'adjust_all']],
    ['watch pr', ['probe.tick']],
    ['min', ['mine']],
    ['.ex', ['.exit', '.explain']],
    ['nosuch ', []],
    ['# pro', []],
    ["'pro", []],
    ['probe add a=', []],
  ])('%j', async (line, expected) => {
    expect((await texts(line)).sort()).toEqual([...expected].sort());
  });

  it('are keys of rows, quoted where they would be something else', async () => {
    expect(await completed('probe item n')).toEqual(['probe item n1', 'probe item n2']);
    expect(await completed('probe item sho')).toEqual(["probe item 'show'", 'probe item show']);
    expect(await completed('probe item two')).toEqual(["probe item 'two words'"]);
    expect(await completed('probe give item=n')).toEqual([
      'probe give item=n1',
      'probe give item=n2',
    ]);
    expect(await completed('probe item n1 set owner=ot')).toEqual([
      'probe item n1 set owner=other',
    ]);
    expect(await completed('probe item show name==n1,n')).toEqual([
      'probe item show name==n1,n1',
      'probe item show name==n1,n2',
    ]);
  });

  it('are told with what they are', async () => {
    const { candidates } = await completion('probe add ');
    expect(candidates[0]).toEqual({
      text: 'a=',
      description: 'integer, required – a number',
      isOpen: true,
    });
  });

  it('are those of the place where one stands', async () => {
    shell.goTo(nearestPlace(shell.root, ['probe', 'item']).place);
    expect(await texts('cr')).toEqual(['create']);
    expect(await texts('cd ../')).toEqual(['../item']);
    expect(await texts('/probe ad')).toEqual(['add', 'adjust_all']);
  });

  it('are variables and files', async () => {
    shell.variables.set('limit', 5);
    expect(await texts('probe add $l')).toEqual(['$limit']);
    const folder = mkdtempSync(join(tmpdir(), 'dispatcher-complete-'));
    try {
      writeFileSync(join(folder, 'one file'), '');
      expect(await completed(`probe item show > ${folder}/o`)).toEqual([
        `probe item show > '${folder}/one file'`,
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('live values', () => {
  it('come within the time or not at all, and are there the next time', async () => {
    let answer: (rows: unknown) => void = () => undefined;
    stub.answer = () => new Promise((resolve) => (answer = resolve));
    const slow = await completion('probe item n');
    expect(slow).toMatchObject({ isPartial: true, candidates: [] });
    // one query in flight, whatever is asked meanwhile
    expect(await completion('probe item o')).toMatchObject({ isPartial: true });
    expect(stub.asked).toEqual(['probe.item.query']);
    answer(ROWS);
    await vi.waitFor(async () => {
      expect(await texts('probe item n')).toEqual(['n1', 'n2']);
    });
    expect(stub.asked).toEqual(['probe.item.query']);
  });

  it('are kept for five seconds, also for what begins with the same', async () => {
    let nowMs = 0;
    const live = new LiveValues({ call: stub.call, waitMs: 50, now: () => nowMs });
    completer = new LineCompleter(shell, live);
    for (const line of ['probe item ', 'probe item n', 'probe item n1']) await texts(line);
    expect(stub.asked).toHaveLength(1);
    nowMs = 5_001;
    await texts('probe item n');
    expect(stub.asked).toHaveLength(2);
  });

  it('say that there are more, and that there are none when the server refuses', async () => {
    stub.answer = () => Array.from({ length: 100 }, (_, n) => ({ name: `n${n}` }));
    expect(await completion('probe item n')).toMatchObject({ isPartial: true });
    stub.answer = () => {
      throw new Error('no');
    };
    expect((await completion('probe item x')).candidates).toEqual([]);
  });
});

const LINES = [
  'probe add $(probe item create name=x) 2',
  'probe item create name=x uid=5 kind=hot tags=hot,cold; probe item x delete',
  'probe item show uid>10 name~=^n | sort -uid | limit 2 | select uid > /nowhere/file',
  'for x in $(probe item show | select name) { probe item $x delete; echo "done $x $(probe add 1 2)" }',
  'if probe item n1 show { probe item n1 set uid=7 } else { try { probe give item=n1 } }',
  'probe give item=n1 note="a $(probe add 1 2) b" &',
  'call probe.item.query [["name", "=", \'x\']] {limit: 1} && submit probe.give item=n1 || exit 3',
  'watch probe.* --count 3 | each { echo $it } ; set a = probe add 1 2 ; plan probe item n1 delete',
];
const WORDS = LINES.flatMap((line) => line.split(' '));

describe('a completion', () => {
  it('at every prefix of a hundred lines sends nothing but discovery and queries', async () => {
    const made = fc.sample(fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }), {
      numRuns: 100 - LINES.length,
      seed: 21,
    });
    const lines = [...LINES, ...made.map((words) => words.join(' '))];
    expect(lines).toHaveLength(100);
    for (const line of lines) {
      for (let end = 0; end <= line.length; end += 1) {
        const { start, end: to } = await Promise.resolve(completer.complete(line, end));
        expect(start).toBeLessThanOrEqual(to);
        expect(to).toBe(end);
      }
    }
    expect(stub.asked.length).toBeGreaterThan(0);
    for (const name of stub.asked) expect(name).toMatch(/^discovery\.|\.query$/);
  });

  it('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.nat(40), (line, cursor) => {
        void completer.complete(line, Math.min(cursor, line.length));
      }),
      { numRuns: 2_000 },
    );
  });
});
