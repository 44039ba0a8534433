import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DatagramReader } from '../support/datagram-reader.js';
import { PlainClient } from '../support/plain-client.js';
import { Rsyslog } from '../support/rsyslog.js';
import { ServerProcess } from '../support/server-process.js';

const WAIT = { timeout: 20_000, interval: 50 };

const PLUGIN = `
import { accepts, description, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('scribe')
export class ScribeProvider extends Provider {
  @description('Writes a line of each level') @accepts(String) @returns(null)
  write(text: string) {
    this.logger.debug('debug ' + text);
    this.logger.info('info ' + text, { account: { password: 'hunter2', deep: [{ token: 'hunter3' }] } });
    this.logger.warn('warn ' + text);
    this.logger.error('error ' + text);
    return null;
  }
}
@Plugin({ providers: [ScribeProvider] }) export default class {}
`;

let directory: string;
let server: ServerProcess | null = null;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-logs-'));
  await writeFile(join(directory, 'scribe.ts'), PLUGIN);
});
afterEach(async () => {
  await server?.stop();
  server = null;
  await rm(directory, { recursive: true, force: true });
});

async function start(logging: string, more: object = {}) {
  const log = join(directory, 'log.sock');
  server = await ServerProcess.start({
    dispatcher: { logging, 'plugin-dirs': [directory], 'shipped-plugins': false, ...more },
    env: { DISPATCHER_SYSLOG_SOCKET: log, DISPATCHER_JOURNAL_SOCKET: log },
  });
  const client = await PlainClient.loggedIn(server.url);
  return { server, client, write: (text: string) => client.result('scribe.write', text) };
}

const reader = () => new DatagramReader(join(directory, 'log.sock'));

describe('syslog', () => {
  it('gets one datagram a line, with the facility daemon and the severity of the level', async () => {
    const daemon = reader();
    try {
      const { server: started, client, write } = await start('syslog');
      await client.result('management.set_logging_level', 'debug');
      await write('one');
      const of = (level: string) =>
        daemon.received.find((line) => line.includes(`"msg":"${level} one"`)) ?? '';
      await vi.waitUntil(() => of('error') !== '', WAIT);
      for (const [level, severity] of Object.entries({ error: 3, warn: 4, info: 6, debug: 7 })) {
        const form = new RegExp(
          `^<${3 * 8 + severity}>[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d dispatcher\\[${started.pid}\\]: \\{.*\\}$`,
        );
        expect(of(level)).toMatch(form);
      }
      expect(daemon.received.join()).not.toMatch(/hunter/);
    } finally {
      daemon.close();
    }
  });

  it('that goes away costs neither the server nor a line when it comes back', async () => {
    let daemon = reader();
    const { server: started, client, write } = await start('syslog');
    daemon.close();
    await write('while it is away');
    await vi.waitUntil(() => started.log.some((line) => line.includes('Nobody reads')), WAIT);
    expect(await client.result('management.ping')).toBe('pong');
    daemon = reader();
    const seen = () => daemon.received.filter((line) => line.includes('while it is away'));
    await vi.waitUntil(() => seen().length === 3, WAIT);
    expect(seen().map((line) => /"msg":"(\w+)/.exec(line)?.[1])).toEqual(['info', 'warn', 'error']);
    daemon.close();
    expect(started.log.filter((line) => line.includes('Nobody reads'))).toHaveLength(1);
  });

  it.skipIf(!Rsyslog.isInstalled)(
    "of Debian's rsyslog has the lines, and has them after it was started again",
    async () => {
      const listen = () => Rsyslog.start(directory, join(directory, 'log.sock'));
      const daemon = await listen();
      const { write } = await start('syslog');
      await write('first');
      await daemon.line('error first');
      expect(await daemon.line('warn first')).toMatch(/^daemon\.warning dispatcher\[\d+\]: *\{/);
      await daemon.stop();
      await write('second');
      const next = await listen();
      await next.line('error second');
      await next.stop();
    },
  );
});

describe('the journal', () => {
  it('gets the message, its priority and the fields to filter by', async () => {
    const daemon = reader();
    try {
      const { write } = await start('journald');
      await write('one');
      const found = () => daemon.received.find((entry) => entry.includes('warn one')) ?? '';
      await vi.waitUntil(() => found() !== '', WAIT);
      expect(fieldsOf(found())).toMatchObject({
        MESSAGE: 'warn one',
        PRIORITY: '4',
        SYSLOG_IDENTIFIER: 'dispatcher',
        DISPATCHER_COMPONENT: 'plugin',
        DISPATCHER_PLUGIN: 'scribe',
      });
    } finally {
      daemon.close();
    }
  });
});

/** The binary form of the protocol: name, line break, length in 8 bytes, value, line break. */
function fieldsOf(entry: string): Record<string, string> {
  let rest = Buffer.from(entry);
  const fields: Record<string, string> = {};
  while (rest.length > 0) {
    const end = rest.indexOf('\n');
    const length = Number(rest.readBigUInt64LE(end + 1));
    fields[rest.subarray(0, end).toString()] = rest.subarray(end + 9, end + 9 + length).toString();
    rest = rest.subarray(end + 9 + length + 1);
  }
  return fields;
}

describe('a log file', () => {
  it('is opened again on SIGUSR1, after which the old one gets no line', async () => {
    const file = join(directory, 'dispatcher.log');
    const { server: started, write } = await start('file', { 'log-file': file });
    await write('before');
    await rename(file, `${file}.1`);
    await write('between');
    started.child.kill('SIGUSR1');
    await vi.waitUntil(() => existsSync(file), WAIT);
    await write('after');
    const [old, present] = [readFileSync(`${file}.1`, 'utf8'), readFileSync(file, 'utf8')];
    expect(old).toMatch(/error before[^]*error between/);
    expect(old).not.toContain('after');
    expect(present).toContain('error after');
    for (const line of (old + present).trim().split('\n')) expect(JSON.parse(line)).toBeDefined();
    expect(started.log).toEqual([]);
  });

  it('on a full disk costs the server nothing but lines', async () => {
    const { server: started, client, write } = await start('file', { 'log-file': '/dev/full' });
    await write('lost');
    expect(await client.result('management.ping')).toBe('pong');
    const told = started.log.filter((line) => line.includes('Cannot write to the log /dev/full'));
    expect(told).toHaveLength(1);
  });
});

describe('the level', () => {
  it('is changed live, for plugins too', async () => {
    const { server: started, client, write } = await start('console');
    await client.result('management.set_logging_level', 'error');
    await write('one');
    await client.result('management.set_logging_level', 'debug');
    await write('two');
    await vi.waitUntil(() => started.log.some((line) => line.includes('error two')), WAIT);
    const messages = started.log.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages.filter((text) => /(one|two)$/.test(text))).toEqual([
      'error one',
      'debug two',
      'info two',
      'warn two',
      'error two',
    ]);
  });
});
