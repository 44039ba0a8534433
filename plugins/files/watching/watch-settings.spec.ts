import { expect, it } from 'vitest';
import { watchesOf } from './watch-settings.js';

it('the paths to watch are told apart by what they mean, not by how they are written; the wider wish counts', () => {
  const paths = [
    { path: '/etc/' },
    { path: '/srv/a/../b', recursive: true },
    { path: '/srv//b' },
    { path: '/etc', recursive: true },
    { path: '/' },
  ];
  expect(watchesOf(paths)).toEqual([
    { path: '/etc', recursive: true },
    { path: '/srv/b', recursive: true },
    { path: '/', recursive: false },
  ]);
});
