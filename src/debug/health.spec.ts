import { describe, expect, it } from 'vitest';
import { Health, type HealthPorts } from './health.js';

const UP: HealthPorts = {
  phase: () => 'ready',
  addresses: () => ['ws://127.0.0.1:5000'],
  plugins: () => [{ name: 'system', state: 'loaded' }],
  pingStore: () => Promise.resolve(),
  writeFailure: () => Promise.resolve(null),
};
const health = (ports: Partial<HealthPorts> = {}): Health => new Health({ ...UP, ...ports });
const storeDown = { pingStore: () => Promise.reject(new Error('the disk is gone')) };

describe('readiness', () => {
  it('has nothing to say when all is well', async () => {
    expect(await health().ready()).toMatchObject({ status: 'ready', reasons: [] });
  });

  it('is not there while plugins load and doors are closed', async () => {
    const starting = health({ phase: () => 'starting', addresses: () => [] });
    expect(await starting.ready()).toMatchObject({
      status: 'starting',
      reasons: ['plugins are being loaded', 'clients cannot connect yet'],
    });
  });

  it('ends with the first moment of the end', async () => {
    expect(await health({ phase: () => 'stopping' }).ready()).toMatchObject({
      status: 'stopping',
      reasons: ['the server is stopping'],
    });
  });

  it('needs a store that answers', async () => {
    expect(await health(storeDown).ready()).toMatchObject({
      status: 'not ready',
      reasons: ['the datastore does not answer: the disk is gone'],
    });
  });

  it('needs a store that takes changes, which liveness only mentions', async () => {
    const full = health({ writeFailure: () => Promise.resolve('the disk is full') });
    const reason = 'the datastore takes no changes: the disk is full';
    expect(await full.ready()).toMatchObject({ status: 'not ready', reasons: [reason] });
    expect(await full.alive()).toMatchObject({
      status: 'ok',
      reasons: [],
      checks: { datastore_writes: { ok: true, reason } },
    });
  });

  it('does not need every plugin, and says which of them failed', async () => {
    const report = await health({ plugins: () => [{ name: 'user', state: 'failed' }] }).ready();
    expect(report.status).toBe('ready');
    expect(report.checks['plugins']).toEqual({ ok: true, reason: 'failed: user' });
  });
});

describe('liveness', () => {
  it('does not depend on plugins and doors', async () => {
    const starting = health({ phase: () => 'starting', addresses: () => [] });
    expect(await starting.alive()).toMatchObject({ status: 'ok', reasons: [] });
  });

  it('ends when the store does not answer', async () => {
    expect(await health(storeDown).alive()).toMatchObject({ status: 'failing' });
    const silent = health({ pingStore: () => new Promise(() => undefined) });
    expect(await silent.alive()).toMatchObject({
      reasons: ['the datastore does not answer: no answer within 3 s'],
    });
  }, 10_000);
});
