import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Password } from '../../src/common/index.js';
import type { GenerationReport } from '../../src/etcd/model/index.js';
import { TaskClient } from '../contract/task-plugin.js';
import { PlainClient } from '../support/plain-client.js';
import { type EtcdForm, EtcdGround, renderer } from './etcd-ground.js';

/** A certificate for itself, with its key. */
function selfSigned(): { readonly pem: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'etcd-certificate-'));
  try {
    const [pem, key] = [join(folder, 'pem'), join(folder, 'key')];
    const argv = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    execFileSync('openssl', [...argv, '-nodes', '-subj', '/CN=nas', '-out', pem, '-keyout', key], {
      stdio: 'ignore',
    });
    return { pem: readFileSync(pem, 'utf8'), key: readFileSync(key, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Takes long enough for somebody to follow. */
const SLOW = renderer(
  "async render() { await new Promise((resolve) => setTimeout(resolve, 700)); return 'slow'; }",
);

// What people, plugins and old programs do with etcd by way of a dispatcher with its shipped plugins
describe.each<EtcdForm>(['process', 'embedded'])('etcd, %s, with the plugin etc,', (form) => {
  const ground = new EtcdGround(form);
  let admin: PlainClient;

  beforeAll(async () => {
    ground.put({
      'ntp.conf.liquid': '{% for one in servers %}server {{ one.address }}\n{% endfor %}',
      'ntp.conf.meta.json': '{ "data": { "servers": { "query": ["etc.ntp_servers"] } } }',
      'slow.ts': SLOW,
      'slower.ts': SLOW,
      'leaving/one.static': 'one',
      'leaving/one.meta.json': '{ "onOrphan": "remove" }',
      'leaving/two.static': 'two',
      'leaving/broken.liquid': 'fine\n',
      'leaving/broken.meta.json': '{ "onOrphan": "remove" }',
    });
    await ground.startAll({ 'shipped-plugins': true });
    admin = await PlainClient.loggedIn(ground.server.url);
  });
  afterAll(async () => {
    await admin.close();
    await ground.stop();
  });

  const run = (task: string, ...args: unknown[]): Promise<unknown> =>
    new TaskClient(admin).run(task, ...args);

  it('has its events described, with schemas, for whoever reads them as values', async () => {
    const types = await ground.call<Record<string, { event_schema: object; description: string }>>(
      'discovery.get_event_types',
    );
    expect(types['etcd.file_generated']).toMatchObject({
      description: expect.stringContaining('absolute') as string,
      event_schema: { required: ['filename', 'name', 'generation', 'changes'] },
    });
    expect(types['task.created'] ?? types['task.finished']).toBeDefined();
  });

  it('serves a caller of the original unchanged', async () => {
    expect(await run('etc.ntp_server.create', { address: 'ntp.example.org' })).toMatchObject({
      state: 'FINISHED',
    });
    await ground.call('neighbour.put', 'etcd.groups', 'b9a7', {
      name: 'ntpd',
      dependencies: ['file:ntp.conf'],
    });
    // a shipped file has put itself into a group of that name
    await expect
      .poll(() => admin.result('etcd.group.query', [['name', '=', 'ntpd']]))
      .toMatchObject([{ files: expect.arrayContaining(['ntp.conf']) as string[] }]);
    expect(await admin.result('etcd.generation.get_groups')).toContain('ntpd');
    const filename = join(ground.root, 'ntp.conf');
    rmSync(filename, { force: true });
    admin.send('events', 'subscribe', null, ['etcd.file_generated']);
    await admin.result('etcd.generation.generate_group', 'ntpd');
    expect(ground.body('ntp.conf')).toBe('server ntp.example.org\n');
    await expect
      .poll(() => JSON.stringify(admin.received.filter(({ name }) => name === 'event')))
      .toContain(JSON.stringify(filename));
    expect(await admin.result('etcd.generation.get_managed_files')).toMatchObject({
      'ntp.conf': join(ground.plugins, 'ntp.conf.liquid'),
    });
    expect(await admin.result('etcd.generation.generate_file', 'ntp.conf')).toMatchObject({
      files: [{ outcome: 'unchanged' }],
    });
    await expect(admin.result('etcd.generation.generate_group', 'nope')).rejects.toThrow(
      'Group nope not found',
    );
  });

  it('writes keys of certificates and communities that nobody else is shown', async () => {
    const { pem, key } = selfSigned();
    const row = { name: 'nas', certificate: pem, key: { $password: key } };
    expect(await run('etc.certificate.create', row)).toMatchObject({ state: 'FINISHED' });
    await admin.result('settings.set', {
      'etc.certificates': true,
      'etc.snmp': true,
      'service.snmp.community': { $password: 'hunter22' },
    });
    const file = join(ground.root, 'ssl/dispatcher/nas.pem');
    await expect.poll(() => existsSync(file), { timeout: 5_000 }).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(pem + key);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await expect.poll(() => ground.read('snmp/snmpd.conf')).toContain('hunter22');
    expect(statSync(join(ground.root, 'snmp/snmpd.conf')).mode & 0o777).toBe(0o600);

    const shown = [
      await admin.result('etc.certificate.query'),
      await admin.result('settings.get'),
      await admin.result('etcd.file.query'),
      await admin.result('etcd.generation.query'),
      await admin.result('log.recent'),
    ];
    expect(shown[0]).toMatchObject([{ name: 'nas', key: '<hidden>' }]);
    for (const secret of [key.split('\n')[1]!, 'hunter22']) {
      expect(JSON.stringify(shown)).not.toContain(secret);
      expect(ground.log.join('\n')).not.toContain(secret);
    }
    const [stored] = await ground.call<{ key: Password }[]>('datastore.query', 'etc.certificates');
    expect(stored?.key.reveal()).toBe(key);
  });

  it('generates in a task that shows how far it is', async () => {
    admin.send('events', 'subscribe', null, ['task.*']);
    const done = await run('etcd.generate', { all: true });
    expect(done).toMatchObject({
      state: 'FINISHED',
      progress: { percentage: 100, message: expect.stringMatching(/unchanged|changed/) as string },
    });
    const told = admin.received
      .filter(({ name }) => name === 'event')
      .map(({ args }) => (args as { args: { message?: unknown } }).args.message);
    expect(told).toContainEqual(expect.stringMatching(/^Rendering slow/));
  });

  it('removes a file whose plugin is gone, where that was declared, and keeps what was in it', async () => {
    const path = (name: string): string => join(ground.root, 'leaving', name);
    expect(existsSync(path('one'))).toBe(true);
    for (const name of ['one.static', 'one.meta.json', 'two.static'])
      rmSync(join(ground.plugins, 'leaving', name));
    ground.put({ 'leaving/broken.liquid': '{% if %}\n' });
    await ground.call('etcd.management.rescan_plugins');
    expect(existsSync(path('one'))).toBe(false);
    expect(readFileSync(path('two'), 'utf8')).toContain('two');
    expect(ground.body('leaving/broken')).toBe('fine\n'); // it is made, though not today
    const rows = await ground.call<{ name: string; state: string }[]>('etcd.file.query', [
      ['state', '=', 'orphaned'],
    ]);
    expect(rows.map(({ name }) => name)).toEqual(['leaving/two']);
    const [revision] = await ground.call<{ n: number }[]>('etcd.generation.history', 'leaving/one');
    expect(revision).toMatchObject({ size: 3 });
  });

  it('remembers its generations over a restart', async () => {
    const before = await ground.call<GenerationReport[]>('etcd.generation.query');
    expect(before.length).toBeGreaterThan(3);
    if (form === 'process') {
      await ground.stopEtcd();
      await ground.startEtcd({ 'shipped-plugins': true });
    } else {
      await admin.close();
      await ground.server.stop();
      await ground.startServer();
      await ground.client.ready();
      admin = await PlainClient.loggedIn(ground.server.url);
    }
    const after = await ground.call<GenerationReport[]>('etcd.generation.query');
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.at(-1)).toMatchObject({ reason: 'boot', started_at: expect.any(Date) as Date });
  });
});
