import { expect, it } from 'vitest';
import { readyAddress } from './ready-line.js';

it.each([
  ['ready ws://127.0.0.1:4711', 'ws://127.0.0.1:4711/'],
  [
    'dispatcher 0.1.0 is ready at ws://0.0.0.0:5000/socket and unix:/run/d.sock, debug mode at http://127.0.0.1:8180',
    'ws://127.0.0.1:5000/',
  ],
  ['{"msg":"ready","addresses":["ws://[::]:5000","unix:/run/d.sock"]}', 'ws://127.0.0.1:5000/'],
  ['ready ws://[::1]:5000', 'ws://[::1]:5000/'],
])('finds an address to connect to in %s', (line, address) => {
  expect(readyAddress(line)?.href).toBe(address);
});

it.each(['starting', 'http://127.0.0.1:8180', 'ws://nowhere', ''])('finds none in %j', (line) => {
  expect(readyAddress(line)).toBeNull();
});
