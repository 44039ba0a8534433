import { describe, expect, it } from 'vitest';
import { Errno } from '../common/index.js';
import { DatastoreException } from '../sdk/datastore.js';
import { WriteHealth } from './write-health.js';

const FULL = new DatastoreException(Errno.ENOSPC, 'the disk is full');

describe('the health of writing', () => {
  const told: (string | null)[] = [];
  let now = 0;
  const health = new WriteHealth(
    (failure) => told.push(failure),
    () => now,
  );

  it('is not spoilt by what could never be written', () => {
    health.noteFailure(new DatastoreException(Errno.EEXIST, 'it is there'));
    health.noteFailure(new TypeError('a mistake'));
    expect([health.failure, told]).toEqual([null, []]);
  });

  it('is told once when it goes, and once when it is back', () => {
    health.noteFailure(FULL);
    health.noteFailure(new DatastoreException(Errno.EIO, 'the disk reports an error'));
    health.noteSuccess();
    expect(health.failure).toBe('the disk reports an error');
    now += 5_000;
    health.noteSuccess();
    health.noteSuccess();
    expect([health.failure, told]).toEqual([null, ['the disk is full', null]]);
  });

  it('is doubted for a while after each failure', () => {
    health.noteFailure(FULL);
    now += 4_999;
    expect(health.mayBeOver).toBe(false);
    now += 1;
    expect(health.mayBeOver).toBe(true);
  });
});
