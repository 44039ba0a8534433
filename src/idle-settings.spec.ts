import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfiguration } from './config/index.js';
import { idleSettings } from './idle-settings.js';

function idleIn(dispatcher: Readonly<Record<string, unknown>>): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'dispatcher-idle-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'c.conf');
  writeFileSync(file, JSON.stringify({ dispatcher }));
  const environment = { env: {}, uid: 0, home: '/root' };
  return idleSettings(loadConfiguration({ kind: 'run', file, overrides: {} }, environment));
}

it('says nothing of a configuration that asks for nothing special', () => {
  expect(idleIn({})).toEqual([]);
  expect(idleIn({ logging: 'console', 'log-level': 'warn', 'websocket-port': 7 })).toEqual([]);
});

it('names every key that nothing acts on', () => {
  expect(idleIn({ pidfile: '/run/d.pid', logging: 'file', 'log-file': '/var/log/d' })).toEqual([
    'dispatcher.pidfile',
    'dispatcher.logging',
    'dispatcher.log-file',
  ]);
  expect(idleIn({ logging: 'syslog' })).toEqual(['dispatcher.logging']);
});
