import { describe, expect, it } from 'vitest';
import { parseWatchSettings } from './watch-settings.js';

describe('the paths to watch', () => {
  it('are none when nothing is configured', () => {
    expect(parseWatchSettings(null)).toEqual({ watches: [], problems: [] });
  });

  it('are told apart by what they mean, not by how they are written; the wider wish counts', () => {
    const value = [
      { path: '/etc/' },
      { path: '/srv/a/../b', recursive: true },
      { path: '/srv//b' },
      { path: '/etc', recursive: true },
      { path: '/' },
    ];
    expect(parseWatchSettings(value).watches).toEqual([
      { path: '/etc', recursive: true },
      { path: '/srv/b', recursive: true },
      { path: '/', recursive: false },
    ]);
  });

  it.each([
    ['/etc', 'not an object'],
    [null, 'not an object'],
    [{}, 'absolute'],
    [{ path: 'etc' }, 'absolute'],
    [{ path: '/a\0b' }, 'character'],
    [{ path: '/etc', recursive: 'yes' }, 'recursive'],
  ])('that are no paths are named, and the others watched (%j)', (item, problem) => {
    const { watches, problems } = parseWatchSettings([{ path: '/var' }, item]);
    expect(watches).toHaveLength(1);
    expect(problems).toEqual([expect.stringContaining(`files.watch[1]: `)]);
    expect(problems[0]).toContain(problem);
  });

  it('are an array', () => {
    expect(parseWatchSettings({ path: '/etc' }).problems).toHaveLength(1);
  });
});
