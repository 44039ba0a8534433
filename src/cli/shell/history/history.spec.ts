import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  chmodSync,
  mkdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HistoryFile, historyPath, keptLine, type SignatureOf } from './index.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dispatcher-history-'));
  path = join(folder, 'state/dispatcher/history');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the history', () => {
  it('lies where state lies', () => {
    expect(historyPath({ XDG_STATE_HOME: '/s', HOME: '/h' })).toBe('/s/dispatcher/history');
    expect(historyPath({ XDG_STATE_HOME: '', HOME: '/h' })).toBe(
      '/h/.local/state/dispatcher/history',
    );
    expect(historyPath({})).toBeNull();
  });

  it('is for its owner alone, also when it was not before', () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'old\n');
    chmodSync(path, 0o644);
    new HistoryFile(path, 10).add('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toBe('old\nnew\n');
  });

  it('is shared, and has nothing twice in a row', () => {
    const one = new HistoryFile(path, 10);
    const other = new HistoryFile(path, 10);
    one.add('a');
    other.add('b');
    other.add('b');
    one.add('b');
    one.add('c');
    other.update();
    expect(one.lines).toEqual(['a', 'b', 'c']);
    expect(other.lines).toEqual(['a', 'b', 'c']);
    expect(new HistoryFile(path, 10).lines).toEqual(['a', 'b', 'c']);
  });

  it('is made shorter when it has become long, also for those who have it open', () => {
    const open = new HistoryFile(path, 5);
    for (let n = 0; n < 20; n += 1) open.add(`line ${n}`);
    const next = new HistoryFile(path, 5);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(6);
    next.add('last');
    open.update();
    expect(open.lines.slice(-2)).toEqual(['line 19', 'last']);
  });

  it('keeps any line as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 })), (lines) => {
        rmSync(path, { force: true });
        const history = new HistoryFile(path, 1_000);
        for (const line of lines) history.add(line);
        const once = lines.filter((line, at) => line !== lines[at - 1]);
        expect(new HistoryFile(path, 1_000).lines).toEqual(once);
      }),
      { numRuns: 50 },
    );
    new HistoryFile(path, 10).add('for {\n a\\n\r\n}');
    expect(new HistoryFile(path, 10).lines.at(-1)).toBe('for {\n a\\n\r\n}');
  });

  it('takes what is no text, and what is no file, for none', () => {
    mkdirSync(path, { recursive: true });
    const none = new HistoryFile(path, 10);
    none.add('a');
    expect(none.lines).toEqual(['a']);
    rmSync(path, { recursive: true });
    writeFileSync(path, Buffer.from([0xff, 0xfe, 0x0a, 0x61, 0x0a, 0x62]));
    const odd = new HistoryFile(path, 10);
    expect(odd.lines).toEqual(['\ufffd\ufffd', 'a']);
    appendFileSync(path, 'c\n');
    odd.update();
    expect(odd.lines.at(-1)).toBe('bc');
    expect(new HistoryFile(null, 10).lines).toEqual([]);
  });
});

const SIGNATURES: SignatureOf = ({ words }) => {
  const [first] = words;
  const name = first?.kind === 'positional' && first.value.kind === 'bare' ? first.value.text : '';
  const secret = { $ref: '#/definitions/p' };
  const definitions = { p: { 'x-dispatcher-type': 'password', type: ['object', 'string'] } };
  const text = { type: 'string' };
  const user = { type: 'object', properties: { name: text, phrase: secret } };
  const known: Record<string, { parameters: string[] | null; items: unknown[] }> = {
    create: { parameters: null, items: [user] },
    unlock: { parameters: ['disk', 'phrase'], items: [text, secret] },
    many: { parameters: ['users'], items: [{ type: 'array', items: user }] },
  };
  const found = known[name];
  return found === undefined ? null : { signature: { what: name, ...found, definitions }, used: 1 };
};

describe('a line in the history', () => {
  it.each<[string, string | null]>([
    ['user show uid>10 | limit 2', 'user show uid>10 | limit 2'],
    [' user show', null],
    ['', null],
    ['login jane', null],
    ['.login jane pw', null],
    ['call login', 'call login'],
    ['create name=x phrase=s3cr3t tags=a', 'create name=x phrase=<hidden> tags=a'],
    ['create name=x phrase="s3 cr3t"', 'create name=x phrase=<hidden>'],
    ["create {name: x, phrase: 's3cr3t'}", 'create {name: x, phrase: <hidden>}'],
    ['many [{"name": "x", "phrase": "s3cr3t"}]', 'many [{"name": "x", "phrase": <hidden>}]'],
    ['unlock sda s3cr3t', 'unlock sda <hidden>'],
    ['unlock sda phrase=s3cr3t', 'unlock sda phrase=<hidden>'],
    ['unlock sda $phrase', 'unlock sda $phrase'],
    [
      'a; create phrase=s3cr3t && create phrase=s3cr3t',
      'a; create phrase=<hidden> && create phrase=<hidden>',
    ],
    ['for x in [1] { create phrase=s3cr3t }', 'for x in [1] { create phrase=<hidden> }'],
    ['a | each { create phrase=s3cr3t }', 'a | each { create phrase=<hidden> }'],
    ['say $(create phrase=s3cr3t)', 'say $(create phrase=<hidden>)'],
    ['say "x $(create phrase=s3cr3t)"', 'say "x $(create phrase=<hidden>)"'],
    ['nobody knows password=s3cr3t', 'nobody knows password=<hidden>'],
    ['set password = s3cr3t', 'set password = <hidden>'],
    ['call x \'{"password": "s3cr3t"}\'', 'call x <hidden>'],
    ['create phrase=s3cr3t )', 'create phrase=<hidden> )'],
    ['create password="s3cr3t', null],
  ])('%j is %j', (line, kept) => {
    expect(keptLine(line, SIGNATURES)).toBe(kept);
  });

  it('never has the value of a password, wherever it stands', () => {
    const around = fc.constantFrom(
      'name=x',
      'tags=[a, b]',
      'other',
      '"q $(a b)"',
      '| limit 1',
      '&& a',
    );
    const value = fc.constantFrom(
      'S3CR3T',
      '"S3CR3T"',
      "'S3CR3T x'",
      '[S3CR3T]',
      '{a: S3CR3T}',
      '"$x S3CR3T"',
    );
    fc.assert(
      fc.property(fc.array(around), value, fc.array(around), (before, secret, after) => {
        const line = [
          'create',
          ...before.filter((one) => !/[|&]/.test(one)),
          `phrase=${secret}`,
          ...after,
        ];
        expect(keptLine(line.join(' '), SIGNATURES)).not.toContain('S3CR3T');
      }),
    );
  });
});
