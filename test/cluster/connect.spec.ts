import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { NatsSettings } from '../../src/cluster/nats/connection-options.js';
import { openNatsLink } from '../../src/cluster/nats/connect.js';
import type { NatsLink } from '../../src/cluster/nats/nats-link.js';
import { obstacleInJetStream } from '../../src/cluster/nats/nats-obstacle.js';
import { makeAuthority } from '../../src/cli/cluster-init/certificates.js';
import { RecordingLogger } from '../../src/testing/index.js';
import { makeCertificate } from '../support/certificate.js';
import { freePort } from '../support/free-port.js';
import { startNatsCluster } from '../support/nats-cluster.js';
import { natsObstacle, NatsServer, type NatsServerOptions } from '../support/nats-server.js';

const MEND = 'mend dispatcher.cluster.servers';

const logger = new RecordingLogger();
const folders: string[] = [];
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  logger.lines.length = 0;
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'dispatcher-connect-'));
  folders.push(made);
  return made;
}

async function nats(options: NatsServerOptions = {}): Promise<NatsServer> {
  const server = await NatsServer.start(options);
  closers.push(() => server.stop());
  return server;
}

/** Something that listens and is no NATS server. */
async function listener(greet: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    greet(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function settings(given: Partial<NatsSettings>): NatsSettings {
  return {
    node: 'n1',
    name: 'nas',
    servers: [],
    credentials: null,
    tlsCa: null,
    tlsCertificate: null,
    tlsKeyfile: null,
    replicas: null,
    ...given,
  };
}

async function open(given: Partial<NatsSettings>, patienceMs = 0): Promise<NatsLink> {
  const link = await openNatsLink(settings(given), { boot: 'b1', logger, patienceMs });
  closers.push(() => link.close());
  return link;
}

/** The line that a start ends with. */
async function refusalOf(given: Partial<NatsSettings>): Promise<string> {
  const error = await open(given).then(
    () => new Error('It connected'),
    (reason: unknown) => reason as Error,
  );
  expect(error.message).not.toContain('\n');
  return error.message;
}

function keyFile(seed: string | Uint8Array, mode = 0o600): string {
  const file = join(folder(), 'n1.nk');
  writeFileSync(file, seed, { mode });
  chmodSync(file, mode);
  return file;
}

function newKey(): { readonly seed: Uint8Array; readonly publicKey: string } {
  const pair = nkeys.createUser();
  return { seed: pair.getSeed(), publicKey: pair.getPublicKey() };
}

describe('a start without a NATS server', () => {
  it('names the address where nobody listens, having waited and said so', async () => {
    const server = `nats://127.0.0.1:${await freePort()}`;
    const refused = `NATS at ${server}: nobody listens there: start nats-server, or ${MEND}`;
    await expect(open({ servers: [server] }, 700)).rejects.toThrow(refused);
    expect(logger.lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        message: `Waiting up to 0.7 s for NATS: ${refused}`,
      }),
    ]);
  });

  it('names a host that is not known', async () => {
    expect(await refusalOf({ servers: ['nats://nowhere.invalid:4222'] })).toBe(
      'NATS at nats://nowhere.invalid:4222: the host name is not known here: mend the name service or dispatcher.cluster.servers',
    );
  });

  it('tells a server of another kind by what it says', async () => {
    const server = await listener((socket) => socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'));
    expect(await refusalOf({ servers: [`nats://${server}`] })).toBe(
      `NATS at nats://${server}: what listens there is no NATS server, it says "SSH-2.0-OpenSSH_9.2p1": ${MEND}`,
    );
  });

  it('tells one that waits for a request, as HTTP does, by its silence', async () => {
    const server = await listener(() => undefined);
    expect(await refusalOf({ servers: [`nats://${server}`] })).toBe(
      `NATS at nats://${server}: what listens there says nothing, which is no NATS server: ${MEND}`,
    );
  }, 15_000);

  it('refuses one that is too old', async () => {
    const info = JSON.stringify({ version: '2.8.4', jetstream: true, max_payload: 1_048_576 });
    const server = await listener((socket) => socket.write(`INFO ${info}\r\n`));
    expect(await refusalOf({ servers: [`nats://${server}`] })).toBe(
      `NATS at nats://${server}: it is nats-server 2.8.4, and 2.9 or newer is needed`,
    );
  }, 15_000);

  it('names each of several servers with its own reason', async () => {
    const ssh = `nats://${await listener((socket) => socket.write('SSH-2.0-x\r\n'))}`;
    const nobody = `nats://127.0.0.1:${await freePort()}`;
    const refusal = await refusalOf({ servers: [nobody, ssh] });
    expect(refusal).toContain(`${nobody}: nobody listens there`);
    expect(refusal).toContain(`${ssh}: what listens there is no NATS server`);
  });

  it.each([
    ['missing', () => join(folder(), 'n1.nk'), /ENOENT/],
    [
      'open to others',
      () => keyFile(newKey().seed, 0o640),
      /is open to others \(mode 0640\): chmod 600 /,
    ],
    ['no seed', () => keyFile('SUnonsense'), /holds no NKEY seed of a user, which begins with SU/],
    [
      'that of an account',
      () => keyFile(nkeys.createAccount().getSeed()),
      /no NKEY seed of a user/,
    ],
  ])('names a key file that is %s', async (_, make, expected) => {
    const credentials = make();
    const refusal = await refusalOf({ servers: ['nats://127.0.0.1:1'], credentials });
    expect(refusal).toMatch(expected);
    expect(refusal).toMatch(/^dispatcher\.cluster\.credentials: /);
    expect(refusal).toContain(credentials);
  });

  it.each(['tls-ca', 'tls-certificate', 'tls-keyfile'] as const)(
    'names the file of %s that is not there',
    async (key) => {
      const name = key.replace(/-(.)/, (_, letter: string) => letter.toUpperCase());
      const refusal = await refusalOf({ servers: ['tls://127.0.0.1:1'], [name]: '/nowhere.pem' });
      expect(refusal).toMatch(`dispatcher.cluster.${key}: ENOENT`);
    },
  );

  it('names a file that holds no certificate', async () => {
    const tlsCa = keyFile('no certificate');
    expect(await refusalOf({ servers: ['tls://127.0.0.1:1'], tlsCa })).toBe(
      `dispatcher.cluster.tls-ca: ${tlsCa} holds no certificate in PEM`,
    );
  });
});

describe.skipIf(natsObstacle !== null)('a start with NATS', () => {
  it('has a connection under the names of cluster and node', async () => {
    const { url } = await nats();
    const link = await open({ servers: [url] });
    expect(link).toMatchObject({ cluster: 'nas', node: 'n1', boot: 'b1', replicas: 1 });
    expect(link.isConnected).toBe(true);
    expect(link.subject('ev', link.node)).toBe('nas.ev.n1');
    expect(link.named('leases')).toBe('nas_leases');
    const answers = link.connection.subscribe('ask', {
      callback: (_, message) => void message.respond(message.reply),
    });
    const answer = await link.connection.request('ask');
    expect(answer.string()).toMatch(/^nas\.inbox\.n1\./);
    answers.unsubscribe();
  });

  it('waits for one that starts a little later, and goes on', async () => {
    const server = await nats();
    await server.kill();
    const opened = open({ servers: [server.url] }, 10_000);
    await vi.waitFor(() => expect(logger.lines).toHaveLength(1));
    await server.resume();
    await expect(opened).resolves.toMatchObject({ isConnected: true });
  });

  it('ends the waiting when it is told to', async () => {
    const ending = new AbortController();
    const opened = openNatsLink(settings({ servers: [`nats://127.0.0.1:${await freePort()}`] }), {
      boot: 'b1',
      logger,
      signal: ending.signal,
    });
    const ended = expect(opened).rejects.toThrow(/abort/);
    await vi.waitFor(() => expect(logger.lines).toHaveLength(1));
    ending.abort();
    await ended;
  });

  it('is happy with one of several servers', async () => {
    const { url } = await nats();
    const nobody = `nats://127.0.0.1:${await freePort()}`;
    await expect(open({ servers: [nobody, url] })).resolves.toMatchObject({ isConnected: true });
  });

  it('names JetStream that is off', async () => {
    const { url } = await nats({ hasJetStream: false });
    expect(await refusalOf({ servers: [url] })).toMatch(
      /: JetStream is off there: add "jetstream \{ store_dir: \/var\/lib\/nats \}" to its configuration \(Debian's own has none\)$/,
    );
  });

  it('tells JetStream without room, and more copies than servers, from other errors', async () => {
    const store = join(folder(), 'store');
    const { url } = await nats({
      hasJetStream: false,
      configuration: `jetstream { store_dir: "${store}", max_file_store: 1000000 }`,
    });
    const link = await open({ servers: [url] });
    const reasonFor = async (wanted: object): Promise<unknown> => {
      const made = link.manager.streams.add({ name: 'nas_x', subjects: ['nas.x'], ...wanted });
      return made.catch((error: unknown) => obstacleInJetStream(link.connection, error));
    };
    expect(await reasonFor({ max_bytes: 64_000_000 })).toMatchObject({
      message: expect.stringMatching(/JetStream has no room \(insufficient storage/) as string,
      mayPass: false,
    });
    expect(await reasonFor({ num_replicas: 3 })).toMatchObject({
      message: expect.stringMatching(/not as many servers .*replicas wants/) as string,
      mayPass: true,
    });
    const other = new Error('other');
    expect(obstacleInJetStream(link.connection, other)).toBe(other);
  });

  it('keeps three copies where NATS has three servers, or as many as it is told', async () => {
    const servers = await startNatsCluster(3);
    closers.push(() => Promise.all(servers.map((server) => server.stop())));
    const urls = servers.map(({ url }) => url);
    await expect(open({ servers: urls }, 30_000)).resolves.toMatchObject({ replicas: 3 });
    await expect(open({ servers: urls, replicas: 1 }, 30_000)).resolves.toMatchObject({
      replicas: 1,
    });
  }, 60_000);
});

describe.skipIf(natsObstacle !== null)('a start with NATS that wants keys', () => {
  const users = (...keys: readonly string[]): string =>
    `authorization { users: [${keys.map((key) => `{ nkey: ${key} }`).join(', ')}] }`;

  it('is refused without one, and with one that NATS does not know', async () => {
    const { url } = await nats({ configuration: users(newKey().publicKey) });
    expect(await refusalOf({ servers: [url] })).toBe(
      `NATS at ${url}: it wants a key: name one with dispatcher.cluster.credentials`,
    );
    const { seed, publicKey } = newKey();
    expect(await refusalOf({ servers: [url], credentials: keyFile(seed) })).toBe(
      `NATS at ${url}: it refuses the key of this node (Authorization Violation): have ${publicKey} in its configuration`,
    );
  });

  it('names a right that the key lacks', async () => {
    const { seed, publicKey } = newKey();
    const { url } = await nats({
      configuration: `authorization { users: [{ nkey: ${publicKey}, permissions: { publish: "a" } }] }`,
    });
    const refusal = await refusalOf({ servers: [url], credentials: keyFile(seed) });
    expect(refusal).toContain(
      'lacks a right (Permissions Violation for Publish to "$JS.API.INFO")',
    );
    expect(refusal).toContain('"dispatcherctl cluster init"');
  });

  it('loses a key that is revoked, says so once, and goes on when it is known again', async () => {
    const { seed, publicKey } = newKey();
    const server = await nats({ configuration: users(publicKey) });
    const link = await open({ servers: [server.url], credentials: keyFile(seed) });
    server.reconfigure(users(newKey().publicKey));
    await vi.waitFor(() => expect(link.isConnected).toBe(false), 10_000);
    const refusals = (): readonly string[] =>
      logger.lines.map(({ message }) => message).filter((message) => /Authorization/.test(message));
    await vi.waitFor(() => expect(refusals()).not.toEqual([]), 10_000);
    server.reconfigure(users(publicKey));
    await vi.waitFor(() => expect(link.isConnected).toBe(true), 10_000);
    expect(refusals()).toEqual(['NATS refuses something: Authorization Violation']);
  }, 40_000);
});

describe.skipIf(natsObstacle !== null)('a start with NATS that speaks TLS', () => {
  async function natsWithTls(more = ''): Promise<{
    readonly port: number;
    readonly certificate: string;
    readonly key: string;
  }> {
    const { certificateFile, keyFile: key } = await makeCertificate(folder());
    const { port } = await nats({
      configuration: `tls { cert_file: "${certificateFile}", key_file: "${key}"${more.replaceAll('CA', certificateFile)} }`,
    });
    return { port, certificate: certificateFile, key };
  }

  it('trusts the authority that it is given, and nobody else', async () => {
    const { port, certificate } = await natsWithTls();
    const servers = [`tls://127.0.0.1:${port}`];
    await expect(open({ servers, tlsCa: certificate })).resolves.toMatchObject({
      isConnected: true,
    });
    expect(await refusalOf({ servers })).toBe(
      `NATS at ${servers[0]}: its certificate is not trusted (self-signed certificate): name its authority with dispatcher.cluster.tls-ca`,
    );
  });

  it('wants a certificate that is for one of the addresses that it is given', async () => {
    const files = folder();
    const authority = makeAuthority('nas', new Date());
    const { certificate, key } = authority.issue('n1', '127.0.0.9');
    for (const [name, text] of Object.entries({ ca: authority.certificate, certificate, key }))
      writeFileSync(join(files, name), text);
    const { port } = await nats({
      configuration: `tls { cert_file: "${files}/certificate", key_file: "${files}/key" }`,
    });
    const [server, tlsCa] = [`tls://127.0.0.1:${port}`, join(files, 'ca')];
    expect(await refusalOf({ servers: [server], tlsCa })).toMatch(
      /its certificate is for another name \(.*127\.0\.0\.9\): write that name in dispatcher\.cluster\.servers$/,
    );
    await expect(open({ servers: [server, 'tls://127.0.0.9'], tlsCa })).resolves.toMatchObject({
      isConnected: true,
    });
  });

  it('tells plain from TLS, whichever side has it', async () => {
    const { port } = await natsWithTls();
    expect(await refusalOf({ servers: [`nats://127.0.0.1:${port}`] })).toBe(
      `NATS at nats://127.0.0.1:${port}: it speaks TLS only: write tls:// in dispatcher.cluster.servers`,
    );
    const { port: plain } = await nats();
    expect(await refusalOf({ servers: [`tls://127.0.0.1:${plain}`] })).toBe(
      `NATS at tls://127.0.0.1:${plain}: it has no TLS: give it a certificate, or write nats:// in dispatcher.cluster.servers`,
    );
  });

  it('shows a certificate of its own where NATS wants one', async () => {
    const { port, certificate, key } = await natsWithTls(', ca_file: "CA", verify: true');
    const given = { servers: [`tls://127.0.0.1:${port}`], tlsCa: certificate };
    expect(await refusalOf(given)).toMatch(
      /it wants a certificate of this node: name it with dispatcher\.cluster\.tls-certificate and tls-keyfile$/,
    );
    const own = { ...given, tlsCertificate: certificate, tlsKeyfile: key };
    await expect(open(own)).resolves.toMatchObject({ isConnected: true });
  }, 20_000);
});
