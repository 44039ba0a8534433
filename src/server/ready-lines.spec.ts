import { describe, expect, it } from 'vitest';
import { configurationFrom } from '../config/load-configuration.js';
import { readyLines } from './ready-lines.js';

const host = { stateDirectory: '/var/lib/dispatcher' };
const configured = (source: string | null, document: Record<string, unknown>) =>
  configurationFrom(
    { source, document },
    { overrides: {} },
    { env: {}, uid: 0, home: '/root', hostName: 'nas1' },
  );

describe('what the server says on a terminal when it is up', () => {
  it('is where the console, clients, configuration, state and plugins are', () => {
    const document = {
      dispatcher: { 'plugin-dirs': ['/srv/a', '/srv/b'], 'shipped-plugins': false },
    };
    const configuration = configured('/etc/d.conf', document);
    const lines = readyLines(
      {
        addresses: ['ws://127.0.0.1:5000/socket', 'unix:/run/d.sock'],
        debugAddress: 'http://127.0.0.1:8180',
        ...host,
      },
      configuration,
    );
    expect(lines).toEqual([
      '  Console             open http://127.0.0.1:8180',
      '  Clients connect to  ws://127.0.0.1:5000/socket',
      '                      unix:/run/d.sock',
      '  Configuration       /etc/d.conf',
      '  State folder        /var/lib/dispatcher',
      '  Plugin folders      /srv/a',
      '                      /srv/b',
    ]);
  });

  it('says what there is not, too', () => {
    const document = { dispatcher: { 'shipped-plugins': false } };
    const configuration = configured(null, document);
    const lines = readyLines({ addresses: [], debugAddress: null, ...host }, configuration);
    expect(lines[0]).toBe('  Console             off (frontend)');
    expect(lines.at(-1)).toBe('  Plugin folders      none');
    expect(lines[2]).toMatch(/built in/);
  });
});
