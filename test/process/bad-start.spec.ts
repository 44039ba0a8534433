import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificate.js';
import { ServerProcess } from '../support/server-process.js';

let directory: string;
const mounts: string[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-bad-'));
});
afterEach(async () => {
  for (const path of mounts.splice(0)) spawnSync('umount', [path]);
  await rm(directory, { recursive: true, force: true });
});

const mount = async (name: string, options: string): Promise<string> => {
  const path = join(directory, name);
  await mkdir(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  mounts.push(path);
  return path;
};
const mayMount = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;

async function expectOneLine(settings: Parameters<typeof ServerProcess.fail>[0], line: string) {
  const pidfile = join(directory, 'x.pid');
  const dispatcher = { pidfile, ...settings.dispatcher };
  const failed = await ServerProcess.fail({ ...settings, dispatcher });
  const told = failed.stderr.split('\n').filter((text) => text.startsWith('dispatcher: '));
  expect({ ...failed, stderr: told }).toEqual({
    status: 1,
    stdout: '',
    stderr: [`dispatcher: ${line}`],
  });
  expect(existsSync(pidfile)).toBe(false);
}

describe('a start on a MongoDB that does not answer', () => {
  it('says within a second or two what it waits for, without the password', async () => {
    const dsn = 'mongodb://dispatcher:s3cret@127.0.0.1:9/store';
    const failed = await ServerProcess.fail({ datastore: { driver: 'mongodb', dsn } }, (child) => {
      createInterface({ input: child.stderr! }).on('line', (line) => {
        if (line.includes('does not answer')) child.kill('SIGKILL'); // seen: the rest is not waited for
      });
    });
    expect(failed).toMatchObject({ status: null, stdout: '' });
    expect(failed.stderr).toContain('127.0.0.1:9/store does not answer: waiting up to 10 s');
    expect(failed.stderr).not.toContain('s3cret');
  });
});

describe('a start fails in one line, with status 1 and nothing left behind,', () => {
  it('for a certificate that does not match its key', async () => {
    const [one, two] = [join(directory, 'one'), join(directory, 'two')];
    await Promise.all([mkdir(one), mkdir(two)]);
    const { certificateFile } = await makeCertificate(one);
    const { keyFile } = await makeCertificate(two);
    const tls = { tls: true, 'tls-certificate': certificateFile, 'tls-keyfile': keyFile };
    await expectOneLine(
      { dispatcher: tls },
      `Cannot use the certificate ${certificateFile} with the key ${keyFile}: they do not belong together`,
    );
  });

  it('for certificates that are none', async () => {
    const file = join(directory, 'nonsense.pem');
    await writeFile(file, 'nonsense');
    const tls = { tls: true, 'tls-certificate': file, 'tls-keyfile': file };
    await expectOneLine(
      { dispatcher: tls },
      `Cannot use the certificate ${file} with the key ${file}: one of them is no PEM file`,
    );
  });

  it.each([
    ['syslog', 'DISPATCHER_SYSLOG_SOCKET'],
    ['journald', 'DISPATCHER_JOURNAL_SOCKET'],
  ])('for a log socket of %s that is gone', async (logging, variable) => {
    const path = join(directory, 'log');
    await expectOneLine(
      { dispatcher: { logging }, env: { [variable]: path } },
      `Cannot log to ${logging} at ${path}: it is not there (dispatcher.logging)`,
    );
  });

  it('for a log file in a folder that is not there', async () => {
    const path = join(directory, 'no', 'log');
    await expectOneLine(
      { dispatcher: { logging: 'file', 'log-file': path } },
      `Cannot log to the file ${path}: ENOENT: no such file or directory, open '${path}'`,
    );
  });

  it('for a state folder that is no folder', async () => {
    const path = join(directory, 'state');
    await writeFile(path, '');
    await expectOneLine({ stateDirectory: path }, `Cannot keep state in ${path}: it is no folder`);
  });

  it.skipIf(!mayMount)('for a state folder that is read-only', async () => {
    const path = await mount('read-only', 'ro');
    await expectOneLine(
      { stateDirectory: path },
      `Cannot keep state in ${path}: the file system is read-only`,
    );
  });

  it.skipIf(!mayMount)('for a state folder that is full', async () => {
    const path = await mount('full', 'size=16k');
    await expectOneLine({ stateDirectory: path }, `Cannot keep state in ${path}: no space is left`);
  });
});
