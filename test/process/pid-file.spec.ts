import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerProcess } from '../support/server-process.js';

let directory: string;
let pidfile: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-pid-'));
  pidfile = join(directory, 'dispatcher.pid');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const start = () => ServerProcess.start({ dispatcher: { pidfile } });
const content = async () => (await readFile(pidfile, 'utf8')).trim();

describe('the pidfile', () => {
  it('names the server while it runs and keeps a second one from starting, by one line', async () => {
    const server = await start();
    expect(await content()).toBe(String(server.pid));
    const second = await ServerProcess.fail({ dispatcher: { pidfile } });
    expect(second).toEqual({
      status: 1,
      stdout: '',
      stderr: `dispatcher: The pidfile ${pidfile} belongs to process ${server.pid}, which runs: stop that first\n`,
    });
    expect(await content()).toBe(String(server.pid));
    expect(await server.stop()).toBe(0);
    expect(existsSync(pidfile)).toBe(false);
  });

  it.each([
    ['of a process that is gone', () => '4194300'],
    // its number was given to another program, such as this test
    ['of a process that is something else by now', () => String(process.pid)],
    ['that says nothing', () => ''],
  ])('%s is replaced', async (_, text) => {
    await writeFile(pidfile, text());
    const server = await start();
    expect(await content()).toBe(String(server.pid));
    expect(await server.stop()).toBe(0);
    expect(existsSync(pidfile)).toBe(false);
  });

  it('is removed by a server that is forced to end, and left alone when it is another one by then', async () => {
    const server = await start();
    await rm(pidfile);
    await writeFile(pidfile, 'of somebody else');
    expect(await server.stop()).toBe(0);
    expect(await content()).toBe('of somebody else');
  });

  it('in a folder that is not there keeps the server from starting', async () => {
    const path = join(directory, 'no', 'x.pid');
    const { status, stderr } = await ServerProcess.fail({ dispatcher: { pidfile: path } });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `dispatcher: Cannot write the pidfile ${path}: the folder does not exist\n`,
    });
  });
});
