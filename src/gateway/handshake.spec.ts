import { describe, expect, it } from 'vitest';
import { acceptance, handshakeFault, type UpgradeRequest } from './handshake.js';

/** The example of RFC 6455, section 1.3. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const PROOF = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

function request(headers: Readonly<Record<string, string | undefined>> = {}, method = 'GET') {
  const usual = {
    upgrade: 'websocket',
    'sec-websocket-key': KEY,
    'sec-websocket-version': '13',
  };
  return { method, url: '/', headers: { ...usual, ...headers } } as unknown as UpgradeRequest;
}

describe('a handshake', () => {
  it('is proven to be understood, as the RFC has it', () => {
    expect(handshakeFault(request())).toBeNull();
    expect(acceptance(request()).split('\r\n')).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${PROOF}`,
      '',
      '',
    ]);
  });

  it.each<[string, UpgradeRequest, number | null]>([
    ['in capitals', request({ upgrade: 'WebSocket' }), null],
    ['of another method', request({}, 'POST'), 405],
    ['for another protocol', request({ upgrade: 'h2c' }), 400],
    ['without a key', request({ 'sec-websocket-key': undefined }), 400],
    ['with a short key', request({ 'sec-websocket-key': 'c2hvcnQ=' }), 400],
    ['of another version', request({ 'sec-websocket-version': '8' }), 426],
    ['without a version', request({ 'sec-websocket-version': undefined }), 426],
    ['with subprotocols', request({ 'sec-websocket-protocol': 'a, b' }), null],
    ['with none in their place', request({ 'sec-websocket-protocol': 'a,,b' }), 400],
    ['that would add a header', request({ 'sec-websocket-protocol': 'a\r\nX: y' }), 400],
  ])('%s is answered with the right status', (_, asked, status) => {
    expect(handshakeFault(asked)).toBe(status);
  });

  it('takes the first subprotocol, lest the client hang up', () => {
    const answer = acceptance(request({ 'sec-websocket-protocol': 'one , two' }));
    expect(answer).toContain('\r\nSec-WebSocket-Protocol: one\r\n\r\n');
  });
});
