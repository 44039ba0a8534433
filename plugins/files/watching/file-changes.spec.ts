import { describe, expect, it } from 'vitest';
import type { Entry } from './entry.js';
import { fileChanges, type Observation } from './file-changes.js';

const file = (identity: string | null, version = '1'): Entry => ({
  identity,
  version,
  is_directory: false,
});
const folder = (identity: string): Entry => ({ identity, version: '1', is_directory: true });

const seen = (path: string, before: Entry | null, after: Entry | null): Observation => ({
  path,
  before,
  after,
});
const changes = (...observations: readonly Observation[]) =>
  fileChanges(observations).map(({ change, path, previous_path }) =>
    [change, ...(previous_path === null ? [] : [previous_path]), path].join(' '),
  );

describe('what became of files', () => {
  it.each<[Entry | null, Entry | null, string[]]>([
    [null, file('a'), ['created /x']],
    [file('a'), null, ['removed /x']],
    [file('a'), file('a', '2'), ['modified /x']],
    [file('a'), file('b'), ['modified /x']],
    [file('a'), folder('b'), ['modified /x']],
    [file('a'), file('a'), []],
    [null, null, []],
  ])('from %j to %j is %j', (before, after, expected) => {
    expect(changes(seen('/x', before, after))).toEqual(expected);
  });

  it('is renamed when it left one path and arrived at another, in whatever order they are seen', () => {
    const [from, to] = [seen('/a', file('1'), null), seen('/b', null, file('1'))];
    expect(changes(from, to)).toEqual(['renamed /a /b']);
    expect(changes(to, from)).toEqual(['renamed /a /b']);
    expect(fileChanges([seen('/a', folder('1'), null), seen('/b', null, folder('1'))])).toEqual([
      { path: '/b', change: 'renamed', previous_path: '/a', is_directory: true },
    ]);
  });

  it('is renamed also when it took the place of another, or its own was taken', () => {
    expect(changes(seen('/tmp', file('2'), null), seen('/doc', file('1'), file('2')))).toEqual([
      'renamed /tmp /doc',
    ]);
    expect(changes(seen('/log', file('1'), file('2')), seen('/log.1', null, file('1')))).toEqual([
      'renamed /log /log.1',
      'modified /log',
    ]);
    expect(changes(seen('/a', file('1'), file('2')), seen('/b', file('2'), file('1')))).toEqual([
      'renamed /b /a',
      'renamed /a /b',
    ]);
  });

  it('is not guessed where files have no identity', () => {
    expect(changes(seen('/a', file(null), null), seen('/b', null, file(null)))).toEqual([
      'removed /a',
      'created /b',
    ]);
  });
});
