import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from './configuration-error.js';
import type { LoadedFile } from './configuration-file.js';
import { configurationFrom, loadConfiguration } from './load-configuration.js';
import { OWN_SECTIONS, type Properties } from './schema/index.js';

const SOURCE = '/etc/nas/middleware.conf';
const environment = { env: {}, uid: 0, home: '/root', hostName: 'nas1' };
const none = { overrides: {} };

function load(document: LoadedFile['document']) {
  return configurationFrom({ source: SOURCE, document }, none, environment);
}

function problemsOf(document: LoadedFile['document']): readonly string[] {
  try {
    load(document);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    const { message, problems } = error as ConfigurationError;
    expect(message.split('\n')).toEqual(problems);
    return problems.map((problem) => problem.replace(`${SOURCE}: `, ''));
  }
}

describe('the configuration', () => {
  it('has the defaults of the contract', () => {
    const configuration = configurationFrom({ source: null, document: {} }, none, environment);
    expect(configuration).toEqual({
      datastore: { driver: 'sqlite', dsn: '/var/lib/dispatcher/datastore.db' },
      dispatcher: {
        pidfile: null,
        websocketPort: 5000,
        websocketFastPath: true,
        websocketAddress: null,
        unixSocket: null,
        unixSocketGroup: null,
        frontend: true,
        frontendPort: 8180,
        frontendAddress: '127.0.0.1',
        tls: false,
        tlsCertificate: null,
        tlsKeyfile: null,
        logging: 'console',
        logFormat: 'auto',
        logLevel: 'info',
        logFile: null,
        pluginDirs: [],
        plugins: {},
        shippedPlugins: true,
        standby: false,
        httpCalls: false,
        allowedOrigins: [],
        trustedProxies: [],
        resultValidation: 'enforce',
        tokenLifetime: 600,
        debugErrors: false,
        limits: {
          messageSizeUnauthenticated: 8192,
          messageSize: 4194304,
          loginTimeoutMs: 10000,
          framesPerTurn: 64,
          callsInFlight: 1024,
          connections: 20000,
          connectionsPerAddress: 256,
          failedLoginsPerMinute: 10,
          outboxFrames: 10000,
          outboxBytes: 16777216,
          outboxGraceMs: 5000,
          eventJournalEvents: 10000,
          eventJournalBytes: 16777216,
          queryRows: 100000,
          filterDepth: 32,
          queryConditions: 1000,
          queryValues: 10000,
          queryPatterns: 64,
          queryPatternCharacters: 4096,
          querySortFields: 16,
          querySelectFields: 256,
          answerBytes: 33554432,
          fragmentBytes: 4194304,
          frameValues: 100000,
          nameCharacters: 256,
          masks: 1000,
          streamingBurst: 16,
          httpBodyTimeoutMs: 30000,
          heartbeatMs: 30000,
          serviceWaitMs: 30000,
        },
        tasks: {
          executors: { min: null, max: null },
          abortGraceMs: 10000,
          verifyTimeoutMs: 30000,
          history: { maxAgeDays: 90, maxCount: 100000 },
        },
        cluster: null,
      },
      other: {},
      source: null,
    });
  });

  it('takes the example of the specification', () => {
    const configuration = load({
      datastore: { driver: 'mongodb', dsn: 'mongodb://localhost' },
      dispatcher: {
        pidfile: '/var/run/dispatcher.pid',
        'websocket-port': 5001,
        'frontend-port': 0,
        tls: false,
        logging: 'syslog',
        'plugin-dirs': ['/usr/local/lib/dispatcher/plugins', '/opt/dispatcher-plugins'],
      },
      etcd: { pidfile: '/var/run/etcd.pid', 'plugin-dirs': ['x'] },
      cli: 5,
    });
    expect(configuration).toMatchObject({
      datastore: { driver: 'mongodb', dsn: 'mongodb://localhost' },
      dispatcher: {
        pidfile: '/var/run/dispatcher.pid',
        websocketPort: 5001,
        frontendPort: 0,
        logging: 'syslog',
        pluginDirs: ['/usr/local/lib/dispatcher/plugins', '/opt/dispatcher-plugins'],
      },
      other: { etcd: { pidfile: '/var/run/etcd.pid', 'plugin-dirs': ['x'] }, cli: 5 },
      source: SOURCE,
    });
  });

  it('takes what differs in a nested section and defaults for the rest of it', () => {
    const { dispatcher } = load({
      dispatcher: { limits: { 'query-rows': 5 }, tasks: { executors: { max: 4 } } },
    });
    expect(dispatcher.limits).toMatchObject({ queryRows: 5, callsInFlight: 1024 });
    expect(dispatcher.tasks).toMatchObject({
      executors: { min: null, max: 4 },
      abortGraceMs: 10000,
    });
  });

  it('resolves every path of the file against its folder', () => {
    const { dispatcher, datastore } = load({
      datastore: { dsn: 'data/store.db' },
      dispatcher: {
        pidfile: 'run/pid',
        'unix-socket': 'run/socket',
        'unix-socket-group': 'wheel',
        'tls-certificate': 'cert.pem',
        'tls-keyfile': '../key.pem',
        'log-file': 'log',
        'plugin-dirs': ['plugins', '/opt/plugins'],
      },
    });
    expect(datastore.dsn).toBe('/etc/nas/data/store.db');
    expect(dispatcher).toMatchObject({
      pidfile: '/etc/nas/run/pid',
      unixSocket: '/etc/nas/run/socket',
      unixSocketGroup: 'wheel',
      tlsCertificate: '/etc/nas/cert.pem',
      tlsKeyfile: '/etc/key.pem',
      logFile: '/etc/nas/log',
      pluginDirs: ['/etc/nas/plugins', '/opt/plugins'],
    });
  });

  it('keeps sections of others whatever they are called', () => {
    const document = JSON.parse('{"__proto__": {"a": 1}, "toString": 2}') as LoadedFile['document'];
    const { other } = load(document);
    expect(Object.entries(other)).toEqual([
      ['__proto__', { a: 1 }],
      ['toString', 2],
    ]);
  });

  it('lets the command line stand above the file', () => {
    const overrides = { websocketPort: 0, unixSocket: 'a.sock', logLevel: 'trace' } as const;
    const document = {
      dispatcher: { 'websocket-port': 1, 'log-level': 'warn', 'frontend-port': 2 },
    };
    const { dispatcher } = configurationFrom(
      { source: SOURCE, document },
      { overrides },
      environment,
    );
    expect(dispatcher).toMatchObject({ ...overrides, frontendPort: 2 });
  });
});

describe('a wrong value', () => {
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ 'websocket-prot': 1 }, 'websocket-prot: unknown key, did you mean "websocket-port"?'],
    [
      { 'message-size': 1 },
      'message-size: unknown key, did you mean "dispatcher.limits.message-size"?',
    ],
    [{ colour: 1 }, 'colour: unknown key'],
    [{ 'line\nbreak': 1 }, '"line\\nbreak": unknown key'],
    [{ limits: { calls: 1 } }, 'limits.calls: unknown key'],
    [{ 'websocket-port': '1' }, 'websocket-port: expected a whole number from 0 to 65535, got "1"'],
    [{ 'websocket-port': 1.5 }, 'websocket-port: expected a whole number from 0 to 65535, got 1.5'],
    [
      { 'frontend-port': 65536 },
      'frontend-port: expected a whole number from 0 to 65535, got 65536',
    ],
    [{ 'frontend-port': -1 }, 'frontend-port: expected a whole number from 0 to 65535, got -1'],
    [{ pidfile: null }, 'pidfile: expected a path, got null'],
    [{ pidfile: '' }, 'pidfile: expected a path, got ""'],
    [{ pidfile: 'a\0b' }, 'pidfile: expected a path, got "a\\u0000b"'],
    [{ frontend: 'yes' }, 'frontend: expected true or false, got "yes"'],
    [
      { logging: 'sylog' },
      'logging: expected "console", "syslog", "journald" or "file", got "sylog", did you mean "syslog"?',
    ],
    [
      { 'websocket-address': '127.0.0.1:5000' },
      'websocket-address: expected an IP address or a host name, without a port, got "127.0.0.1:5000"',
    ],
    [{ 'plugin-dirs': '/x' }, 'plugin-dirs: expected an array, each item a path, got "/x"'],
    [{ 'plugin-dirs': ['/x', 5] }, 'plugin-dirs.1: expected a path, got 5'],
    [
      { 'trusted-proxies': ['proxy.example'] },
      'trusted-proxies.0: expected an IP address or a network such as "10.0.0.0/8", got "proxy.example"',
    ],
    [
      { 'allowed-origins': ['https://nas.example/'] },
      'allowed-origins.0: expected an origin such as "https://nas.example.org", without a path, got "https://nas.example/"',
    ],
    [{ 'token-lifetime': 0 }, 'token-lifetime: expected a whole number from 1 to 2147483, got 0'],
    [{ limits: [] }, 'limits: expected an object, got an array'],
    [
      { tasks: { executors: { min: 5, max: 4 } } },
      'tasks.executors.min: expected at most dispatcher.tasks.executors.max (4), got 5',
    ],
    [{ logging: 'file' }, 'log-file: required, because dispatcher.logging is "file"'],
  ];

  it.each(cases)('%j is named', (dispatcher, expected) => {
    expect(problemsOf({ dispatcher })).toEqual([`dispatcher.${expected}`]);
  });

  it('is named together with all others', () => {
    const document = { dispatcher: { tls: 1, frontend: 2, bogus: 3 }, datastore: [] };
    expect(problemsOf(document)).toHaveLength(4);
  });

  it('of a whole section is named', () => {
    expect(problemsOf({ dispatcher: null })).toEqual(['dispatcher: expected an object, got null']);
  });

  it('is cut to a readable length', () => {
    const [problem = ''] = problemsOf({ dispatcher: { frontend: 'x'.repeat(10_000) } });
    expect(problem.length).toBeLessThan(150);
  });
});

describe('TLS', () => {
  it('needs both files, and each missing one is named', () => {
    expect(problemsOf({ dispatcher: { tls: true } })).toEqual([
      'dispatcher.tls-certificate: required, because dispatcher.tls is true',
      'dispatcher.tls-keyfile: required, because dispatcher.tls is true',
    ]);
    expect(problemsOf({ dispatcher: { tls: true, 'tls-certificate': 'a' } })).toHaveLength(1);
    const both = { 'tls-certificate': 'a', 'tls-keyfile': 'b' };
    expect(problemsOf({ dispatcher: { tls: true, ...both } })).toEqual([]);
    expect(problemsOf({ dispatcher: { tls: false } })).toEqual([]);
  });
});

describe('the path of the unix socket', () => {
  it('is measured as the kernel sees it, after the folder was put before it', () => {
    expect(problemsOf({ dispatcher: { 'unix-socket': 's'.repeat(98) } })).toEqual([]);
    expect(problemsOf({ dispatcher: { 'unix-socket': 's'.repeat(99) } })).toEqual([
      'dispatcher.unix-socket: expected at most 107 bytes, the longest path of a unix socket, got 108',
    ]);
  });
});

describe('the data source', () => {
  it.each([
    [{ dsn: '/srv/data.db' }, []],
    [{ driver: 'mongodb', dsn: 'mongodb://a,b/c?replicaSet=d' }, []],
    [{ driver: 'mongodb', dsn: 'mongodb+srv://cluster.example' }, []],
    [
      { dsn: 'sqlite:///x' },
      ['the driver sqlite expects a plain file path, got a "sqlite:" address'],
    ],
    [
      { dsn: 'mongodb://me:hunter2@h' },
      ['the driver sqlite expects a plain file path, got a "mongodb:" address'],
    ],
    [
      { driver: 'mongodb' },
      ['the driver mongodb expects an address such as "mongodb://localhost", got nothing'],
    ],
    [
      { driver: 'mongodb', dsn: 'postgres://me:hunter2@h' },
      ['the driver mongodb expects an address such as "mongodb://localhost", got something else'],
    ],
    [
      { driver: 'mongodb', dsn: 'mongodb://' },
      ['the driver mongodb expects an address such as "mongodb://localhost", got something else'],
    ],
  ])('%j is checked by its driver and never printed', (datastore, expected) => {
    expect(problemsOf({ datastore })).toEqual(expected.map((what) => `datastore.dsn: ${what}`));
  });

  it('defaults to a file in the state folder', () => {
    const { datastore } = configurationFrom({ source: SOURCE, document: {} }, none, {
      ...environment,
      env: { STATE_DIRECTORY: '/state' },
    });
    expect(datastore.dsn).toBe('/state/datastore.db');
  });
});

describe('any JSON', () => {
  const keys = [...keysOf(OWN_SECTIONS)];
  const anySection = fc.dictionary(
    fc.oneof(fc.constantFrom(...keys), fc.string()),
    fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(true, 0, 1, 5000, '/a', 'file', 'info', 'mongodb', 'sqlite'),
      fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()),
    ),
  );

  it('is either taken or refused in lines of its own', () => {
    const section = fc.oneof(anySection, fc.jsonValue());
    const document = fc.record({ datastore: section, dispatcher: section }, { requiredKeys: [] });
    fc.assert(
      fc.property(document, (value) => void problemsOf(value)),
      { numRuns: 500 },
    );
  });
});

function* keysOf(properties: Properties): Generator<string> {
  for (const [key, schema] of Object.entries(properties)) {
    yield key;
    if ('properties' in schema) yield* keysOf(schema.properties);
  }
}

describe('a file that is named', () => {
  it('is read, and its errors carry its name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dispatcher-config-'));
    try {
      const file = join(folder, 'm.conf');
      const command = { kind: 'run', file, overrides: {} } as const;
      writeFileSync(file, '{"dispatcher": {"websocket-port": 7}}');
      expect(loadConfiguration(command, environment)).toMatchObject({
        source: file,
        dispatcher: { websocketPort: 7 },
      });
      writeFileSync(file, '{"dispatcher": {"websocket-prot": 7}}');
      expect(() => loadConfiguration(command, environment)).toThrow(
        new ConfigurationError([
          `${file}: dispatcher.websocket-prot: unknown key, did you mean "websocket-port"?`,
        ]),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
