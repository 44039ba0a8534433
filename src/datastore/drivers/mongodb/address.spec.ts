import { describe, expect, it } from 'vitest';
import { parseAddress, redact } from './address.js';

describe('the address of a MongoDB server', () => {
  it.each([
    ['mongodb://localhost', 'dispatcher', 'mongodb://localhost/dispatcher'],
    ['mongodb://localhost/', 'dispatcher', 'mongodb://localhost/dispatcher'],
    ['mongodb://u:p@a:1,b:2/nas?replicaSet=r', 'nas', 'mongodb://a:1,b:2/nas'],
    ['mongodb+srv://u:p%40x@cluster/n%61s', 'nas', 'mongodb://cluster/nas'],
    ['mongodb://u:p@h?tlsCertificateKeyFilePassword=x', 'dispatcher', 'mongodb://h/dispatcher'],
  ])('%s is the database %s, shown as %s', (dsn, database, shown) => {
    expect(parseAddress(dsn)).toEqual({ dsn, database, shown });
  });

  it('loses its password in every form a message may quote', () => {
    const dsn = 'mongodb://user:p%40ss@h/db';
    const text = `${dsn} user:p%40ss p%40ss p@ss`;
    expect(redact(text, { dsn })).toBe('*** *** *** ***');
  });
});
