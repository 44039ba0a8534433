import { mkdir, mkdtemp, readFile, rm, copyFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeCertificate, type TestCertificate } from '../support/certificate.js';
import { ServerProcess } from '../support/server-process.js';

const WAIT = { timeout: 20_000, interval: 50 };
let directory: string;
let server: ServerProcess;
let first: TestCertificate;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-hup-'));
  first = await makeCertificate(directory);
  server = await ServerProcess.start({
    dispatcher: {
      tls: true,
      'tls-certificate': first.certificateFile,
      'tls-keyfile': first.keyFile,
      'shipped-plugins': false,
    },
  });
});
afterEach(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function fingerprint(): Promise<string> {
  const socket = connect({
    port: Number(new URL(server.url).port),
    host: '127.0.0.1',
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

async function otherCertificate(): Promise<TestCertificate> {
  await mkdir(join(directory, 'other'), { recursive: true });
  return makeCertificate(join(directory, 'other'));
}

const logged = (text: string) => server.log.filter((line) => line.includes(text));

it('SIGHUP makes new connections see a new certificate', async () => {
  const before = await fingerprint();
  const other = await otherCertificate();
  await copyFile(other.certificateFile, first.certificateFile);
  await copyFile(other.keyFile, first.keyFile);
  server.child.kill('SIGHUP');
  await vi.waitUntil(async () => (await fingerprint()) !== before, WAIT);
});

it('SIGHUP with a certificate that does not match its key keeps the present one and says so', async () => {
  const before = await fingerprint();
  await copyFile((await otherCertificate()).certificateFile, first.certificateFile);
  server.child.kill('SIGHUP');
  await vi.waitUntil(() => logged('they do not belong together').length === 1, WAIT);
  expect(logged('the present one stays in use')[0]).toContain('"level":"error"');
  expect(await fingerprint()).toBe(before);
});

it('SIGHUP with a configuration edited to nonsense keeps the present one and says what is wrong', async () => {
  const file = server.configurationFile;
  const good = await readFile(file, 'utf8');
  await writeFile(file, good.replace('"websocket-port":0', '"websocket-port":"x"'));
  server.child.kill('SIGHUP');
  await vi.waitUntil(() => logged('dispatcher.websocket-port').length === 1, WAIT);
  expect(logged('the present one stays')[0]).toContain('"level":"error"');
  await writeFile(file, '{');
  server.child.kill('SIGHUP');
  await vi.waitUntil(() => logged('the present one stays').length === 2, WAIT);
  await fingerprint();
  await writeFile(file, good.replace('"shipped-plugins":false', '"log-level":"warn"'));
  server.child.kill('SIGHUP');
  await vi.waitUntil(() => logged('takes effect at the next start').length === 1, WAIT);
  expect(await server.stop()).toBe(0);
});
