import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseScript } from './index.js';

/** The tree without the places. */
function bareTree(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(bareTree);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).filter(([key]) => key !== 'start' && key !== 'end');
  return Object.fromEntries(entries.map(([key, value]) => [key, bareTree(value)]));
}

const parse = (text: string) => {
  const { statements, problems, open } = parseScript(text);
  return { tree: bareTree(statements), problems: problems.map(({ message }) => message), open };
};

/** The words of the first command, in short. */
function words(text: string): unknown {
  const [statement] = parseScript(text).statements;
  if (statement?.kind !== 'sequence') throw new Error('no command');
  return statement.first.command.words.map((word) =>
    word.kind === 'positional'
      ? bareTree(word.value)
      : [word.name, word.kind === 'named' ? word.operator : '--', bareTree(word.value)],
  );
}

const bare = (text: string) => ({ kind: 'bare', text });
const quoted = (...parts: unknown[]) => ({ kind: 'quoted', parts });

describe('words', () => {
  it.each<[string, unknown[]]>([
    ['user show', [bare('user'), bare('show')]],
    ['a 007 -5 1.5e3 true', ['a', '007', '-5', '1.5e3', 'true'].map(bare)],
    ['cd ../item', [bare('cd'), bare('../item')]],
    ['-', [bare('-')]],
    ['?', [bare('?')]],
    ['get a?x=1&y=2', [bare('get'), bare('a?x=1&y=2')]],
    ["say 'a $x \\n'", [bare('say'), quoted('a $x \\n')]],
    ['say "a\\n\\"b\\" \\u00e9"', [bare('say'), quoted('a\n"b" é')]],
    ['say "a $b $(c d) $ 5$"', [bare('say'), expect.anything()]],
    ['say $x $?', [bare('say'), { kind: 'variable', name: 'x', path: '' }, { kind: 'status' }]],
    ['say a\\ b', [bare('say'), bare('a b')]],
    ['uid==5', [['uid', '==', bare('5')]]],
    [
      'uid>=5 uid<9 uid!=7',
      [
        ['uid', '>=', bare('5')],
        ['uid', '<', bare('9')],
        ['uid', '!=', bare('7')],
      ],
    ],
    [
      'name~=^a name!~=b$',
      [
        ['name', '~=', bare('^a')],
        ['name', '!~=', bare('b$')],
      ],
    ],
    [
      'tags+=c tags-=a',
      [
        ['tags', '+=', bare('c')],
        ['tags', '-=', bare('a')],
      ],
    ],
    [
      'tags=+c tags=-a',
      [
        ['tags', '+=', bare('c')],
        ['tags', '-=', bare('a')],
      ],
    ],
    [
      'n=-5 m=+5',
      [
        ['n', '=', bare('-5')],
        ['m', '=', bare('+5')],
      ],
    ],
    [
      'comment= next=1',
      [
        ['comment', '=', bare('')],
        ['next', '=', bare('1')],
      ],
    ],
    ['name in [a, b]', [['name', 'in', { kind: 'list', items: [bare('a'), bare('b')] }]]],
    ['name contains x', [['name', 'contains', bare('x')]]],
    [
      '--force --level=3',
      [
        ['force', '--', null],
        ['level', '--', bare('3')],
      ],
    ],
    ['a={"b": [1, null], c: x}', [['a', '=', expect.objectContaining({ kind: 'object' })]]],
    ['sort -uid', [bare('sort'), bare('-uid')]],
    ['a # b', [bare('a')]],
    ['say $it.a.b', [bare('say'), { kind: 'variable', name: 'it', path: 'a.b' }]],
    ['a#b', [bare('a#b')]],
  ])('%s', (text, expected) => {
    expect(words(text)).toEqual(expected);
    expect(parse(text)).toMatchObject({ problems: [], open: null });
  });
});

describe('lines', () => {
  it('are commands with stages and a file', () => {
    const { tree, problems } = parse('/user show uid>10 | sort -uid | limit 2 >> "a b"');
    expect(problems).toEqual([]);
    expect(tree).toMatchObject([
      {
        first: {
          command: { isAbsolute: true, words: [{}, {}, { name: 'uid', operator: '>' }] },
          stages: [{ words: [{}, {}] }, { words: [{}, {}] }],
          redirection: { mode: 'append', file: quoted('a b') },
        },
      },
    ]);
  });

  it('are joined, also over line ends, and go to the background', () => {
    const { tree } = parse('a && b ||\n c; d &\n e');
    expect(tree).toMatchObject([
      { rest: [{ joint: '&&' }, { joint: '||' }], isBackground: false },
      { rest: [], isBackground: true },
      { rest: [], isBackground: false },
    ]);
  });

  it('take values from commands', () => {
    const [say] = words('$(user show | count)') as [object];
    expect(say).toMatchObject({ kind: 'output', pipeline: { stages: [{}] } });
  });

  it('have blocks', () => {
    const script = `
      for x in [1, 2] { say $x; user delete $x }
      if user show | count { a } else {
        b # here
      }
      try { c } ; set n = 5 ; set m = user show | count
      user show | each { say $it; stop $it }`;
    const { tree, problems, open } = parse(script);
    expect([problems, open]).toEqual([[], null]);
    expect(tree).toMatchObject([
      { kind: 'for', name: 'x', body: [{}, {}] },
      { kind: 'if', then: [{}], otherwise: [{}] },
      { kind: 'try', body: [{}] },
      { kind: 'set', name: 'n', value: bare('5') },
      { kind: 'set', name: 'm', value: { kind: 'pipeline' } },
      { first: { stages: [{ block: [{}, {}] }] } },
    ]);
  });
});

describe('what is not finished', () => {
  it.each([
    "say 'a",
    'say "a',
    'say [1,',
    'say {a: 1',
    'say $(b',
    'a |',
    'a &&',
    'for x in [1] {',
    'if a',
  ])('%s may go on', (text) => expect(parse(text).open).not.toBeNull());

  it.each([
    ')',
    'a < b',
    'say [1 2]',
    'set x = ;',
    'for in [1] {}',
    'a | | b',
    'x > ',
    "'a'b",
    '}',
  ])('%s is wrong, and says where', (text) => {
    const { problems, open } = parseScript(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(open).toBeNull();
    for (const { start, end } of problems) {
      expect(start).toBeLessThanOrEqual(end);
      expect(end).toBeLessThanOrEqual(text.length);
    }
  });

  it('keeps what stands before and behind a fault', () => {
    expect(parse('a ) ; b').tree).toMatchObject([
      {},
      { first: { command: { words: [bare('b')].map((value) => ({ value })) } } },
    ]);
  });
});

const letters = fc.constantFrom(
  ...`ab1 -=$"'|&;(){}[]<>#\\/\n,:~!?+.in`.split(''),
  ' in ',
  ' set ',
  ' for ',
  ' if ',
  '$(',
);

describe('any text', () => {
  it('is parsed to its end without an exception, also each beginning of it', () => {
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        for (let end = 0; end <= text.length; end += 1) {
          const { problems } = parseScript(text.slice(0, end));
          for (const problem of problems) {
            expect(problem.start).toBeGreaterThanOrEqual(0);
            expect(problem.end).toBeLessThanOrEqual(end);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(['[', '{a:', '$(', '"$(', 'if a {', 'for x in [1] {', 'a | each {', '('])(
    'of 50,000 times %s ends soon and does not break',
    (part) => {
      const started = performance.now();
      parseScript(part.repeat(50_000));
      expect(performance.now() - started).toBeLessThan(2_000);
    },
  );

  it('in single quotes is itself', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !text.includes("'")),
        (text) => {
          expect(words(`say '${text}'`)).toEqual([
            bare('say'),
            text === '' ? quoted() : quoted(text),
          ]);
        },
      ),
    );
  });

  it('that is JSON without a dollar is that value', () => {
    const json = fc
      .jsonValue({ maxDepth: 3 })
      .filter((value) => !JSON.stringify(value).includes('$'));
    fc.assert(
      fc.property(json, (value) => {
        const text = JSON.stringify(value);
        const { problems, statements } = parseScript(`say a=${text}`);
        expect(problems).toEqual([]);
        const [statement] = statements;
        if (statement?.kind !== 'sequence') throw new Error('no command');
        const argument = statement.first.command.words[1];
        expect(argument).toMatchObject({ kind: 'named', name: 'a' });
        const written: unknown = JSON.parse(text); // not `value`: JSON has no -0
        expect(plain(argument?.kind === 'named' ? argument.value : null)).toEqual(written);
      }),
    );
  });
});

/** What a value is that was written as JSON. */
function plain(value: unknown): unknown {
  const { kind, text, parts, items, entries } = value as Record<string, unknown>;
  if (kind === 'bare') return JSON.parse(text as string);
  if (kind === 'quoted') return (parts as string[]).join('');
  if (kind === 'list') return (items as unknown[]).map(plain);
  return Object.fromEntries(
    (entries as [string, unknown][]).map(([key, one]) => [key, plain(one)]),
  );
}
