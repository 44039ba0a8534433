import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeCertificate } from '../support/certificate.js';
import { ServerProcess } from '../support/server-process.js';

const LISTENING = '0A';

/** The local addresses, as the kernel writes them, that have the port open. */
function addressesOf(port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = '', , state]) => local.endsWith(wanted) && state === LISTENING)
      .map(([, local = '']) => local.slice(0, -wanted.length)),
  );
}

async function started(dispatcher: Readonly<Record<string, unknown>>) {
  const server = await ServerProcess.start({ dispatcher: { frontend: false, ...dispatcher } });
  onTestFinished(() => server.stop().then(() => undefined));
  const isWarned = server.log.some((line) => line.includes('travel readable'));
  return { addresses: addressesOf(Number(new URL(server.url).port)), isWarned };
}

const LOOPBACK = '0100007F';
const ALL_V4 = '00000000';
const ALL_V6 = '0'.repeat(32);

describe('the port for clients', () => {
  it('is open to this machine alone where passwords would travel readable', async () => {
    expect(await started({})).toEqual({ addresses: [LOOPBACK], isWarned: false });
  });

  it('is open to others without TLS when that is asked for, with a warning', async () => {
    const open = { 'websocket-address': '0.0.0.0' };
    expect(await started(open)).toEqual({ addresses: [ALL_V4], isWarned: true });
    const behind = { ...open, 'trusted-proxies': ['10.0.0.1'] };
    expect(await started(behind)).toEqual({ addresses: [ALL_V4], isWarned: false });
  });

  it('is open to all with TLS', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dispatcher-listening-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { certificateFile, keyFile } = await makeCertificate(folder);
    const tls = { tls: true, 'tls-certificate': certificateFile, 'tls-keyfile': keyFile };
    const { addresses, isWarned } = await started(tls);
    expect([[ALL_V6], [ALL_V4]]).toContainEqual(addresses);
    expect(isWarned).toBe(false);
  });
});
