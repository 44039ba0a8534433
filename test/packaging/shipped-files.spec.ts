import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { messageOf } from '../../src/common/index.js';
import { makeCertificate } from '../support/certificate.js';
import { buildPackage, firstLine } from '../support/debian-package.js';
import { DebianRoot } from '../support/debian-root.js';
import { freePort } from '../support/free-port.js';

const CONFIGURATION = '/etc/dispatcher/middleware.conf';
/** Debian's packages with the programs that read the shipped files. */
const PACKAGES = [
  ...['chrony', 'nginx-light', 'openssh-server', 'openssl'],
  ...['samba-common-bin', 'snmpd', 'sudo'],
];
const SNMP_S = 2;

interface Judged {
  readonly name: string;
  readonly mode: number;
  /** Its own program on the machine's whole configuration, as far as it can be asked. */
  readonly command: readonly string[];
  /** What that prints, because of the file. */
  readonly says: RegExp;
}

const shell = (line: string): readonly string[] => ['sh', '-c', `${line} 2>&1`];

const FILES: readonly Judged[] = [
  {
    name: 'hosts',
    mode: 0o644,
    command: ['getent', 'hosts', 'backup.lan'],
    says: /^10\.0\.0\.5\s/,
  },
  {
    name: 'resolv.conf',
    mode: 0o644,
    command: ['cat', '/etc/resolv.conf'],
    says: /^search lan\nnameserver 10\.0\.0\.1\nnameserver fd00::1\noptions ndots:2\n$/m,
  },
  { name: 'motd', mode: 0o644, command: ['cat', '/etc/motd'], says: /^Welcome\nto the machine\n$/ },
  {
    name: 'chrony/sources.d/dispatcher.sources',
    mode: 0o644,
    command: shell('chronyd -p -f /etc/chrony/sources.d/dispatcher.sources'),
    says: /^pool ntp\.example\.org iburst/m,
  },
  {
    name: 'ssh/sshd_config.d/50-dispatcher.conf',
    mode: 0o600,
    command: shell('sshd -t && sshd -T'),
    says: /^port 2222\n(.*\n)*permitrootlogin no\n(.*\n)*allowusers alice\n/m,
  },
  {
    name: 'nginx/conf.d/dispatcher.conf',
    mode: 0o644,
    command: shell('nginx -t && nginx -T'),
    says: /test is successful\n(.*\n)*\s+listen 8080;\n(.*\n)*\s+server_name files\.lan;/,
  },
  {
    name: 'sudoers.d/dispatcher',
    mode: 0o440,
    command: shell('visudo -c && sudo -l -U www-data'),
    says: /sudoers\.d\/dispatcher: parsed OK\n(.*\n)*\s+\(ALL : ALL\) NOPASSWD: \/usr\/bin\/id\n/,
  },
  {
    name: 'samba/shares.conf',
    mode: 0o644,
    command: shell('testparm -s'),
    says: /^\[films\]\n(.*\n)*\s+path = \/srv\/films\n/m,
  },
  {
    name: 'snmp/snmpd.conf',
    mode: 0o600,
    // it has no way to look only: it runs for a moment, and would name what it does not know
    command: shell(
      `timeout ${SNMP_S} snmpd -Lo -f -C -c /etc/snmp/snmpd.conf udp:127.0.0.1:0 | grep -v MIB; true`,
    ),
    says: /^(?![^]*(Unknown token|no access control|Error))[^]*^NET-SNMP version/m,
  },
  {
    name: 'ssl/dispatcher/nas.pem',
    mode: 0o600,
    command: shell(
      'openssl x509 -noout -pubkey -in /etc/ssl/dispatcher/nas.pem >/tmp/a && openssl pkey -pubout -in /etc/ssl/dispatcher/nas.pem | cmp - /tmp/a && echo same',
    ),
    says: /^same$/m,
  },
];

const SWITCHES = [
  ...['hosts', 'resolv_conf', 'motd', 'chrony', 'sshd', 'nginx', 'sudoers', 'samba', 'snmp'],
  'certificates',
].map((key) => `etc.${key}`);

const SETTINGS = {
  'etc.motd_text': 'Welcome\nto the machine',
  'network.dns.servers': ['10.0.0.1', 'fd00::1'],
  'network.dns.search': ['lan'],
  'network.dns.options': ['ndots:2'],
  'service.sshd.port': 2222,
  'service.sshd.permit_root_login': 'no',
  'service.sshd.allow_users': ['alice'],
  'service.snmp.location': 'Room 7',
  'service.snmp.contact': 'root',
  'service.snmp.community': { $password: 'hunter22' },
};

/** What is put in by tasks, as a person would. */
const ROWS = [
  ['etc.host.create', { address: '10.0.0.5', names: ['backup', 'backup.lan'] }],
  ['etc.ntp_server.create', { address: 'ntp.example.org', pool: true }],
  [
    'etc.nginx_site.create',
    { name: 'files', server_names: ['files.lan'], port: 8080, root: '/srv' },
  ],
  ['etc.sudo_user.create', { account: 'www-data', commands: ['/usr/bin/id'], no_password: true }],
  ['etc.smb_share.create', { name: 'films', path: '/srv/films', accounts: [] }],
] as const;

const obstacle = DebianRoot.obstacle();
const title = `on a clean Debian${obstacle === null ? '' : ` (${obstacle})`}, the shipped files`;

describe.skipIf(obstacle !== null)(title, () => {
  let folder: string;
  let root: DebianRoot;
  /** Why the programs are not there; null when they are. */
  let lack: string | null = null;
  let server: ChildProcess | null = null;
  let etcd: ChildProcess | null = null;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dispatcher-files-'));
    const deb = buildPackage(folder);
    root = await DebianRoot.create();
    try {
      root.installFromMirror(PACKAGES);
    } catch (error) {
      lack = `the mirror lacks what reads the files: ${messageOf(error).slice(0, 200)}`;
      return;
    }
    await root.installNode();
    await root.install(deb);
    await appendFile(root.path('etc/samba/smb.conf'), 'include = /etc/samba/shares.conf\n');
    const text = await readFile(root.path(CONFIGURATION), 'utf8');
    const document = JSON.parse(text) as { dispatcher: Record<string, unknown> };
    Object.assign(document.dispatcher, { 'websocket-port': await freePort(), 'frontend-port': 0 });
    await writeFile(root.path(CONFIGURATION), JSON.stringify(document));
    server = await root.startUnit('dispatcher.service');
    await firstLine(server);
  }, 600_000);
  afterAll(async () => {
    etcd?.kill('SIGKILL');
    server?.kill('SIGKILL');
    await root.remove();
    await rm(folder, { recursive: true });
  });
  beforeEach((context) => {
    if (lack !== null) context.skip(lack);
  });

  const settings = (values: object): string =>
    root.run(['dispatcherctl', 'call', 'settings.set', JSON.stringify([values])]);
  const generate = (): { readonly files: readonly { name: string; outcome: string }[] } =>
    JSON.parse(
      root.run(['dispatcher-etcd', 'generate', '--json', '-c', CONFIGURATION]),
    ) as ReturnType<typeof generate>;
  const outcomes = (): Record<string, string> =>
    Object.fromEntries(generate().files.map(({ name, outcome }) => [name, outcome]));

  it('change no byte of /etc at the first start', async () => {
    const before = root.digest('/etc');
    etcd = await root.startUnit('dispatcher-etcd.service');
    expect(await firstLine(etcd)).toContain('is ready: root /etc');
    expect(new Set(Object.values(outcomes()))).toEqual(new Set(['disabled']));
    expect(root.digest('/etc')).toBe(before);
  }, 60_000);

  it('are made when their settings say so', async () => {
    await makeCertificate(folder);
    const [certificate, key] = await Promise.all(
      ['certificate.pem', 'key.pem'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    const row = { name: 'nas', certificate, key: { $password: key } };
    for (const [task, argument] of [...ROWS, ['etc.certificate.create', row] as const]) {
      root.run(['dispatcherctl', 'submit', task, JSON.stringify(argument)]);
    }
    settings({ ...SETTINGS, ...Object.fromEntries(SWITCHES.map((key) => [key, true])) });
    const made = outcomes(); // some have followed their settings by then
    expect(Object.keys(made).sort()).toEqual(FILES.map(({ name }) => name).sort());
    for (const [name, outcome] of Object.entries(made)) {
      expect(['created', 'changed', 'unchanged'], name).toContain(outcome);
    }
  }, 120_000);

  it.each(FILES)('$name: accepted by its own program', async ({ name, mode, command, says }) => {
    expect((await stat(root.path(`etc/${name}`))).mode & 0o777).toBe(mode);
    expect(root.run(command)).toMatch(says);
  });

  it('stay as they are when they are turned off again, and are let go of', async () => {
    settings(Object.fromEntries(SWITCHES.map((key) => [key, false])));
    expect(new Set(Object.values(outcomes()))).toEqual(new Set(['disabled']));
    const before = root.digest('/etc');
    settings({ 'etc.motd_text': 'Nobody reads this', 'service.sshd.port': 22 });
    expect(new Set(Object.values(outcomes()))).toEqual(new Set(['disabled']));
    expect(root.digest('/etc')).toBe(before);
    const exited = once(etcd!, 'exit');
    etcd!.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  }, 60_000);
});
