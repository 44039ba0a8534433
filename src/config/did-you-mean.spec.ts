import { describe, expect, it } from 'vitest';
import { closest } from './did-you-mean.js';
import { suggestKey } from './key-suggestion.js';

const KEYS = ['tls', 'tls-keyfile', 'websocket-port', 'websocket-address', 'frontend'];

describe('a suggestion', () => {
  it.each([
    ['websocket-prot', 'websocket-port'],
    ['websocketPort', 'websocket-port'],
    ['WEBSOCKET_PORT', 'websocket-port'],
    ['tsl', 'tls'],
    ['front-end', 'frontend'],
  ])('for %s is %s', (word, expected) => {
    expect(closest(word, KEYS)).toBe(expected);
  });

  it.each(['colour', 'x', '', 'port'])('is not made up for %j', (word) => {
    expect(closest(word, KEYS)).toBeNull();
  });

  it('for a key that stands in another section is its full path', () => {
    expect(suggestKey('message_size', KEYS)).toBe('dispatcher.limits.message-size');
    expect(suggestKey('max-age-days', KEYS)).toBe('dispatcher.tasks.history.max-age-days');
  });
});
