import type { PathLike } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { HostHarness } from './host.harness.js';

/** Paths that cannot be looked at for the moment, and why. */
const trouble = vi.hoisted(() => new Map<string, string>());

vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  const check = (path: PathLike): void => {
    const code = trouble.get(String(path));
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${String(path)}`), { code });
  };
  return {
    ...actual,
    readdir: async (path: string) => (check(path), actual.readdir(path)),
    stat: async (path: string) => (check(path), actual.stat(path)),
  };
});

const PLUGIN = `
import { description, Plugin, provider, Provider } from 'dispatcher';
@provider('stays') export class Stays extends Provider { @description('d') ping() { return 'pong'; } }
@Plugin({ providers: [Stays] }) export default class StaysPlugin {}
`;

const harness = new HostHarness();
afterEach(() => trouble.clear());

it.each([
  ['its directory', '', 'EMFILE', /^EMFILE/],
  ['its folder', '/stays', 'EACCES', /^EACCES/],
  ['its entry file', '/stays/index.ts', 'EIO', /^EIO/],
])('A plugin is not gone because %s cannot be read', async (_, place, code, error) => {
  harness.write('stays/index.ts', PLUGIN);
  await harness.host.reload();
  trouble.set(harness.directory + place, code);
  await expect(harness.host.reload()).rejects.toThrow('Plugin stays failed at stage discovery');
  await expect(harness.host.reload(['stays'])).rejects.toThrow('stage discovery');
  expect(await harness.call('stays.ping')).toBe('pong');
  expect(harness.host.list()[0]).toMatchObject({ state: 'loaded', stage: 'discovery' });
  expect(harness.host.list()[0]?.error).toMatch(error);
});

it('A plugin whose directory is not there any more is gone', async () => {
  harness.write('stays/index.ts', PLUGIN);
  await harness.host.reload();
  trouble.set(harness.directory, 'ENOENT');
  await harness.host.reload();
  expect(harness.states()).toEqual(['stays: unloaded']);
  trouble.clear();
  await harness.dispose();
});
