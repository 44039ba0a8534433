import { expect, it } from 'vitest';
import { Errno } from '../../common/index.js';
import { assertServiceName } from './names.js';

it.each(['account', 'auth', 'events', 'log', 'role', 'rpc', 'schedule', 'settings', 'task'])(
  'the name %s is kept for the server',
  (name) => {
    expect(() => assertServiceName(name)).toThrow(expect.objectContaining({ code: Errno.EEXIST }));
  },
);

it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
  'the name %s, which every object has, names no service',
  (name) => {
    expect(() => assertServiceName(name)).toThrow();
  },
);

it('any other name is free, also one that only begins like those', () => {
  for (const name of ['accounts', 'demo.log', 'tasks'])
    expect(() => assertServiceName(name)).not.toThrow();
});
