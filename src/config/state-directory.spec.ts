import { describe, expect, it } from 'vitest';
import { stateDirectory } from './state-directory.js';

describe('the state folder', () => {
  it.each([
    ['is what the service manager says', { STATE_DIRECTORY: '/var/lib/x' }, 0, '/var/lib/x'],
    ['is the first of several', { STATE_DIRECTORY: '/var/lib/x:/var/lib/y' }, 1, '/var/lib/x'],
    ['of root is below /var/lib', {}, 0, '/var/lib/dispatcher'],
    ['ignores an empty setting', { STATE_DIRECTORY: '' }, 0, '/var/lib/dispatcher'],
    ['of root does not follow XDG', { XDG_STATE_HOME: '/x' }, 0, '/var/lib/dispatcher'],
    ['of others follows XDG', { XDG_STATE_HOME: '/x' }, 1, '/x/dispatcher'],
    [
      'ignores a relative XDG folder',
      { XDG_STATE_HOME: 'x' },
      1,
      '/home/ann/.local/state/dispatcher',
    ],
    ['of others is below their home', {}, 1, '/home/ann/.local/state/dispatcher'],
  ])('%s', (_, env, uid, expected) => {
    expect(stateDirectory({ env, uid, home: '/home/ann' })).toBe(expected);
  });
});
