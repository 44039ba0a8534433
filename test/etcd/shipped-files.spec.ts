import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Password } from '../../src/common/index.js';
import { type GenerationReport, Redactor } from '../../src/etcd/model/index.js';
import { type Catalog, loadPlugins } from '../../src/etcd/plugins/index.js';
import { FileRendering, RenderWorker, Snapshot } from '../../src/etcd/rendering/index.js';
import type { Logger } from '../../src/sdk/index.js';
import { EngineHarness, outcomes } from './engine.harness.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const LIMITS = { includeDepth: 8, renderMs: 10_000, fileBytes: 4_194_304 };
const FACTS = { hostname: 'nas', os: {} };

/** What each file is turned on by, and the program that judges it. */
const FILES = [
  ['hosts', 'etc.hosts', null],
  ['resolv.conf', 'etc.resolv_conf', null],
  ['motd', 'etc.motd', null],
  ['chrony/sources.d/dispatcher.sources', 'etc.chrony', 'chronyd'],
  ['ssh/sshd_config.d/50-dispatcher.conf', 'etc.sshd', 'sshd'],
  ['nginx/conf.d/dispatcher.conf', 'etc.nginx', 'nginx'],
  ['sudoers.d/dispatcher', 'etc.sudoers', 'visudo'],
  ['samba/shares.conf', 'etc.samba', 'testparm'],
  ['snmp/snmpd.conf', 'etc.snmp', null],
  ['ssl/dispatcher', 'etc.certificates', 'openssl'],
] as const;

type Values = Readonly<Record<string, unknown>>;

const CONFIG: Values = {
  'network.dns.servers': ['10.0.0.1', 'fd00::1'],
  'network.dns.search': ['lan', 'example.org'],
  'network.dns.options': ['ndots:2', 'rotate'],
  'etc.motd_text': 'Welcome\nto the machine',
  'service.sshd.port': 2222,
  'service.sshd.permit_root_login': 'no',
  'service.sshd.password_authentication': false,
  'service.sshd.x11_forwarding': false,
  'service.sshd.allow_users': ['alice', 'bob*'],
  'service.snmp.location': 'Room "7"',
  'service.snmp.contact': 'root',
  'service.snmp.community': new Password('hunter22'),
};

let worker: RenderWorker;
let catalog: Catalog;
let certificate: { readonly pem: string; readonly key: string };

const silent = (): void => undefined;
const logger: Logger = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

beforeAll(async () => {
  const entry = here('../../src/etcd/worker/main.ts');
  worker = new RenderWorker({ entry, user: null, limits: LIMITS, logger });
  catalog = await loadPlugins({
    directories: [here('../../etcd-files')],
    root: '/r',
    allowedRoots: [],
    trust: { uid: process.getuid!() },
    isInsecure: true,
    maxFiles: 100,
    groupRows: [],
    prepare: (directories) => worker.load({ directories, limits: LIMITS, facts: FACTS }),
    describe: (source) => worker.describe(source),
  });
  certificate = selfSigned();
});
afterAll(() => worker.close());

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

function rowsOf(): Readonly<Record<string, readonly Values[]>> {
  return {
    'etc.hosts': [{ address: '10.0.0.5', names: ['backup', 'backup.lan'] }],
    'etc.ntp_servers': [
      {
        address: 'ntp.example.org',
        pool: true,
        iburst: true,
        prefer: false,
        minpoll: null,
        maxpoll: null,
      },
      { address: '10.0.0.1', pool: false, iburst: false, prefer: true, minpoll: 4, maxpoll: 10 },
    ],
    'etc.nginx_sites': [
      {
        name: 'files',
        server_names: ['files.lan'],
        port: 8080,
        root: '/srv/files',
        proxy_to: null,
      },
      { name: 'app', server_names: [], port: 8081, root: null, proxy_to: 'http://127.0.0.1:3000' },
    ],
    'etc.sudo_users': [
      { account: 'alice', commands: ['ALL'], no_password: false },
      { account: 'bob', commands: ['/usr/bin/id', '/bin/ls -l'], no_password: true },
    ],
    'etc.smb_shares': [
      { name: 'films', path: '/srv/films', read_only: true, guests: true, accounts: [] },
      { name: 'home', path: '/srv/home', read_only: false, guests: false, accounts: ['a', 'b'] },
    ],
    'etc.certificates': [
      { name: 'nas', certificate: certificate.pem, key: new Password(certificate.key) },
    ],
  };
}

interface Asked {
  readonly on: readonly string[];
  readonly config?: Values;
  readonly rows?: Readonly<Record<string, readonly Values[]>>;
}

/** Generates shipped files below a root of its own, of what the dispatcher would say. */
async function generate(
  engine: EngineHarness,
  names: readonly string[],
  { on, config = {}, rows = {} }: Asked,
): Promise<GenerationReport> {
  const values = { ...CONFIG, ...config };
  const tables = { ...rowsOf(), ...rows };
  const { redactor, root } = engine;
  const port = {
    call: () => Promise.resolve(null),
    query: (collection: string) => Promise.resolve(tables[collection] ?? []),
    config: (key: string) => Promise.resolve(on.includes(key) ? true : (values[key] ?? null)),
    knowsEvent: () => false,
  };
  const options = { worker, redactor, root, allowedRoots: [], fileBytes: LIMITS.fileBytes };
  const rendering = new FileRendering(options);
  const snapshot = new Snapshot(port, new Redactor());
  const files = [];
  for (const name of names) {
    const target = catalog.targets.get(name)!;
    const placed = { ...target, path: join(root, name) };
    files.push(...(await rendering.render(placed, snapshot)).files);
  }
  return engine.apply(files);
}

function isInstalled(program: string | null): boolean {
  const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return program === null || folders.some((folder) => existsSync(join(folder, program)));
}

describe('the shipped files', () => {
  it('all load, and are those that this test knows', () => {
    expect(catalog.errors).toEqual([]);
    expect([...catalog.targets.keys()].sort()).toEqual(FILES.map(([name]) => name).sort());
  });

  it('are off: nothing is written, nothing is read', async () => {
    const engine = await EngineHarness.start({ actions: 'log' });
    const names = FILES.map(([name]) => name);
    const report = await generate(engine, names, { on: [] });
    expect(new Set(Object.values(outcomes(report)))).toEqual(new Set(['disabled']));
    expect(await engine.names()).toEqual([]);
  });

  it.each(FILES)('%s: its own program accepts it', async (name, setting, program) => {
    const validation = isInstalled(program) ? 'enforce' : 'off';
    const engine = await EngineHarness.start({ actions: 'log', validation });
    const report = await generate(engine, [name], { on: [setting] });
    expect(report.files.map(({ outcome, error }) => [outcome, error])).toEqual([
      ['created', undefined],
    ]);
    const path = report.files[0]!.path;
    expect(
      readFileSync(path, 'utf8')
        .replaceAll(certificate.pem, 'PEM\n')
        .replaceAll(certificate.key, 'KEY\n'),
    ).toMatchSnapshot();
  });

  it.each([
    ['chrony/sources.d/dispatcher.sources', 'etc.chrony', 'etc.ntp_servers', 'address'],
    ['nginx/conf.d/dispatcher.conf', 'etc.nginx', 'etc.nginx_sites', 'root'],
    ['sudoers.d/dispatcher', 'etc.sudoers', 'etc.sudo_users', 'account'],
    ['samba/shares.conf', 'etc.samba', 'etc.smb_shares', 'path'],
    ['hosts', 'etc.hosts', 'etc.hosts', 'address'],
  ] as const)('%s: a value with a line break is an error', async (name, setting, table, field) => {
    const engine = await EngineHarness.start({ actions: 'log' });
    const [row] = rowsOf()[table]!;
    const evil = { ...row, [field]: `${String(row![field])}\nevil` };
    const report = await generate(engine, [name], { on: [setting], rows: { [table]: [evil] } });
    expect(report.files[0]).toMatchObject({ outcome: 'failed', error: { stage: 'render' } });
    expect(await engine.names()).toEqual([]);
  });

  it('of certificates follow a renewal, and go with their rows', async () => {
    const engine = await EngineHarness.start({ actions: 'log' });
    const on = ['etc.certificates'];
    await generate(engine, ['ssl/dispatcher'], { on });
    const renewed = selfSigned();
    const rows = {
      'etc.certificates': [
        { name: 'nas', certificate: renewed.pem, key: new Password(renewed.key) },
      ],
    };
    const report = await generate(engine, ['ssl/dispatcher'], { on, rows });
    expect(outcomes(report)).toEqual({ 'ssl/dispatcher/nas.pem': 'changed' });
    expect(await engine.read('ssl/dispatcher/nas.pem')).toBe(renewed.pem + renewed.key);
  });
});
