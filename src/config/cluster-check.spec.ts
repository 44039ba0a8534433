import { describe, expect, it } from 'vitest';
import type { ConfigurationError } from './configuration-error.js';
import type { LoadedFile } from './configuration-file.js';
import type { DispatcherConfiguration } from './configuration.js';
import { configurationFrom } from './load-configuration.js';

const SOURCE = '/etc/nas/middleware.conf';

function load(document: LoadedFile['document'], hostName = 'nas1'): DispatcherConfiguration {
  const environment = { env: {}, uid: 0, home: '/root', hostName };
  return configurationFrom({ source: SOURCE, document }, { overrides: {} }, environment);
}

function problemsOf(document: LoadedFile['document']): readonly string[] {
  try {
    load(document);
    return [];
  } catch (error) {
    const { problems } = error as ConfigurationError;
    return problems.map((problem) => problem.replace(`${SOURCE}: `, ''));
  }
}

describe('a node of a cluster', () => {
  const datastore = { driver: 'mongodb', dsn: 'mongodb://db1/dispatcher?replicaSet=rs0' };
  const least = { servers: ['nats://127.0.0.1:4222'], key: 'cluster.key' };
  const problemsWith = (cluster: object, dispatcher: object = {}): readonly string[] =>
    problemsOf({ datastore, dispatcher: { ...dispatcher, cluster } });

  it('has the defaults of the contract, and files beside its configuration', () => {
    const { dispatcher } = load({
      datastore,
      dispatcher: { cluster: { ...least, servers: ['tls://n1:4222'], credentials: 'n1.nk' } },
    });
    expect(dispatcher.cluster).toEqual({
      node: 'nas1',
      servers: ['tls://n1:4222'],
      name: 'dispatcher',
      credentials: '/etc/nas/n1.nk',
      tlsCa: null,
      tlsCertificate: null,
      tlsKeyfile: null,
      replicas: null,
      key: '/etc/nas/cluster.key',
      leaseMs: 15_000,
      nodeLostMs: 45_000,
      scheduler: true,
      events: { maxBytes: 67_108_864, maxAge: 3_600, buffer: 16_777_216, islandAfterMs: 5_000 },
    });
  });

  it.each(['localhost', '127.3.2.1:4222', '[::1]:4222'])(
    'needs no key of its own at %s',
    (host) => {
      expect(problemsWith({ ...least, servers: [`nats://${host}`] })).toEqual([]);
    },
  );

  const far = { ...least, servers: ['nats://127.0.0.1', 'nats://10.0.0.1:4222'] };
  const files = { 'tls-certificate': 'c.pem', 'tls-keyfile': 'k.pem' };
  const tls = { ...least, servers: ['tls://localhost'], ...files };
  const cases: readonly (readonly [object, string])[] = [
    [{ key: 'k' }, 'servers: required: where NATS listens, such as ["nats://10.0.0.1:4222"]'],
    [
      { servers: least.servers },
      'key: required: "dispatcherctl cluster init" makes one for all nodes',
    ],
    [far, 'credentials: required, because others reach nats://10.0.0.1:4222 too'],
    [
      { ...least, servers: ['nats://u:p@10.0.0.1'] },
      'servers.0: expected an address such as "nats://10.0.0.1:4222" or "tls://nats1.example.org:4222", got "nats://u:p@10.0.0.1"',
    ],
    [
      { ...least, servers: ['http://10.0.0.1'] },
      'servers.0: expected an address such as "nats://10.0.0.1:4222" or "tls://nats1.example.org:4222", got "http://10.0.0.1"',
    ],
    [
      { ...tls, servers: ['nats://localhost', 'tls://localhost'] },
      'servers: expected nats:// or tls:// addresses, not both',
    ],
    [
      { ...tls, servers: ['nats://localhost'] },
      'servers: expected tls:// addresses, because certificates are given',
    ],
    [
      { ...tls, 'tls-certificate': undefined },
      'tls-certificate: required, because dispatcher.cluster.tls-keyfile is given',
    ],
    [
      { ...tls, 'tls-keyfile': undefined },
      'tls-keyfile: required, because dispatcher.cluster.tls-certificate is given',
    ],
    [
      { ...least, 'lease-ms': 4_999 },
      'lease-ms: expected a whole number from 5000 to 600000, got 4999',
    ],
    [
      { ...least, 'lease-ms': 30_000 },
      'node-lost-ms: expected at least twice dispatcher.cluster.lease-ms (60000), got 45000',
    ],
    [
      { ...least, node: 'Node_1' },
      'node: expected a name of at most 32 characters of a to z, 0 to 9 and "-", got "Node_1"',
    ],
    [
      { ...least, name: 'a.b' },
      'name: expected a name of at most 32 characters of a to z, 0 to 9 and "-", got "a.b"',
    ],
    [{ ...least, replicas: 6 }, 'replicas: expected a whole number from 1 to 5, got 6'],
  ];

  it.each(cases)('%j is named', (cluster, expected) => {
    const given = Object.entries(cluster).filter(([, value]) => value !== undefined);
    expect(problemsWith(Object.fromEntries(given))).toEqual([`dispatcher.cluster.${expected}`]);
  });

  it('takes the host name for its own up to the first dot, if it can be one', () => {
    const nodeAt = (hostName: string) =>
      load({ datastore, dispatcher: { cluster: least } }, hostName).dispatcher.cluster?.node;
    expect(nodeAt('NAS-7.example.org')).toBe('nas-7');
    expect(() => nodeAt('my_nas')).toThrow(
      'dispatcher.cluster.node: required, because the host name "my_nas" cannot be one',
    );
  });

  it('shares a MongoDB, and does not stand by', () => {
    expect(problemsOf({ dispatcher: { cluster: least } })).toEqual([
      'datastore.driver: expected "mongodb", the store that the nodes of dispatcher.cluster share: write the present one down before ("dispatcherctl datastore dump FILE"), and put it there after ("dispatcherctl datastore restore FILE")',
    ]);
    expect(problemsWith(least, { standby: true })).toEqual([
      'dispatcher.standby: expected false, because of the nodes of dispatcher.cluster none stands by',
    ]);
  });
});
