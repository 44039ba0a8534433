import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Password } from '../../src/common/index.js';
import { Redactor, type RenderedFile } from '../../src/etcd/model/index.js';
import { type Catalog, loadPlugins } from '../../src/etcd/plugins/index.js';
import { FileRendering, RenderWorker, Snapshot } from '../../src/etcd/rendering/index.js';
import { Logger } from '../../src/sdk/index.js';

const ENTRY = fileURLToPath(new URL('../../src/etcd/worker/main.ts', import.meta.url));
const LIMITS = { includeDepth: 8, renderMs: 1_500, fileBytes: 65_536 };
const FACTS = { hostname: 'nas', os: { ID: 'debian' } };

let folder: string;
let worker: RenderWorker;
const redactor = new Redactor();
const lines: string[] = [];
const logger = new (class extends Logger {
  trace = (line: string): void => {
    lines.push(line);
  };
  debug = this.trace;
  info = this.trace;
  warn = this.trace;
  error = this.trace;
})();

const data = {
  call: vi.fn((method: string, args: readonly unknown[]) => Promise.resolve([method, ...args])),
  query: vi.fn((): Promise<unknown> =>
    Promise.resolve([{ address: '10.0.0.1', since: new Date(0) }]),
  ),
  config: vi.fn((key: string): Promise<unknown> =>
    Promise.resolve(key === 'secret' ? new Password('hunter22') : key === 'off' ? false : key),
  ),
  knowsEvent: (name: string) => name === 'ntp_server.changed',
};

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'etcd-')));
  worker = new RenderWorker({ entry: ENTRY, user: null, limits: LIMITS, logger });
  lines.length = 0;
  vi.clearAllMocks();
});
afterEach(() => {
  worker.close();
  rmSync(folder, { recursive: true, force: true });
});

function put(files: Readonly<Record<string, string>>, below = 'p'): void {
  mkdirSync(join(folder, below), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, below, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

async function load(...directories: string[]): Promise<Catalog> {
  return loadPlugins({
    directories: (directories.length === 0 ? ['p'] : directories).map((one) => join(folder, one)),
    root: '/r',
    allowedRoots: ['/opt/x'],
    trust: { uid: process.getuid!() },
    isInsecure: false,
    maxFiles: 100,
    groupRows: [],
    prepare: (sources) => worker.load({ directories: sources, limits: LIMITS, facts: FACTS }),
    describe: (source) => worker.describe(source),
  });
}

async function render(catalog: Catalog, ...names: string[]) {
  const rendering = new FileRendering({
    worker,
    redactor,
    root: '/r',
    allowedRoots: [],
    fileBytes: LIMITS.fileBytes,
  });
  const snapshot = new Snapshot(data, redactor);
  expect(catalog.errors).toEqual([]);
  const results = [];
  for (const name of names)
    results.push(await rendering.render(catalog.targets.get(name)!, snapshot));
  return results;
}

const textOf = ({ rendering }: RenderedFile): unknown =>
  rendering.kind === 'content' ? Buffer.from(rendering.content).toString() : rendering;

const script = (body: string, head = ''): string =>
  `import { file, fileSet, FileRenderer, FileSetRenderer } from 'dispatcher/etcd';\n${head}\nexport default class extends FileRenderer {\n${body}\n}\n`;

describe('what plugin directories make', () => {
  it('hold what they say of themselves once for all that say the same', async () => {
    put({ 'a.liquid': 'a', 'b.liquid': 'b', 'c.liquid': 'c', 'c.meta.json': '{ "mode": "0600" }' });
    const { targets } = await load();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => targets.get(name)!.metadata);
    expect(a).toBe(b);
    expect([a!.mode, c!.mode]).toEqual([0o644, 0o600]);
  });

  it('are templates, scripts and plain files, each with its metadata', async () => {
    put({
      'a/b.conf.liquid': 'x={{ v }}\n',
      'a/b.conf.meta.json': '{ "data": { "v": { "config": "t.v" } }, "mode": "0640" /* why */ }',
      'c.ts': script(
        "async render() { const rows = await this.query<{address: string}>('ntp'); return this.lines(rows.map(({ address }) => `server ${address}`)); }",
        "@file({ comment: ';', groups: ['time'] })",
      ),
      'd.static': 'as it is\n',
      '_helper.txt': '',
      '.hidden': '',
      'old~': '',
    });
    const catalog = await load();
    expect(catalog.errors).toEqual([]);
    expect([...catalog.targets.keys()]).toEqual(['a/b.conf', 'c', 'd']);
    expect([...catalog.groups.keys()]).toEqual(['time']);
    expect(catalog.targets.get('a/b.conf')).toMatchObject({
      path: '/r/a/b.conf',
      metadata: { mode: 0o640 },
    });
    const [b, c, d] = await render(catalog, 'a/b.conf', 'c', 'd');
    expect(textOf(b!.files[0]!)).toMatch(
      /^# Generated by dispatcher-etcd from a\/b.conf.liquid: .*\nx=t.v\n$/,
    );
    expect(b!.dependencies).toEqual(['config:t.v']);
    expect(textOf(c!.files[0]!)).toMatch(/^; Generated .*\nserver 10.0.0.1$/);
    expect(c!.dependencies).toEqual(['collection:ntp']);
    expect(textOf(d!.files[0]!)).toBe('as it is\n');
  });

  it('are told of, one error each, and the others are loaded', async () => {
    put({
      'x.mako': '',
      README: '',
      'syntax.liquid': 'a\n{% if %}\n',
      'both.ts': script('render() { return null }', '@file({})'),
      'both.meta.json': '{}',
      'key.static': '',
      'key.meta.json': '{"mod": "0644"}',
      'suid.static': '',
      'suid.meta.json': '{"mode": "4755"}',
      'out.static': '',
      'out.meta.json': '{"path": "/root/x"}',
      'dots.static': '',
      'dots.meta.json': '{"path": "/r/../root/x"}',
      'nul.static': '',
      'nul.meta.json': '{"path": "/r/a\\u0000b"}',
      'secret.static': '',
      'secret.meta.json': '{"sensitive": true}',
      'comma.static': '',
      'comma.meta.json': '{"mode" "0644"}',
      'broken.ts': 'export default class { \n  render( { }\n}',
      'none.ts': 'export const x = 1;',
      'after.static': '',
      'after.meta.json': '{"after": ["nobody"]}',
      'lonely.meta.json': '{}',
      'good.static': 'g',
      'inside.static': '',
      'inside.meta.json': '{"path": "/opt/x/y"}',
      'groups.json':
        '{"a": {"dependencies": ["group:b"]}, "b": {"dependencies": ["group:a"]}, "c": {"dependencies": ["file:good"]}, "d": {"dependencies": ["a:b:c"]}, "e": {"dependencies": ["file:gone"]}}',
    });
    const catalog = await load();
    const told = catalog.errors.map(({ name, message }) => `${String(name)}: ${message}`);
    expect(told.sort()).toEqual([
      expect.stringMatching(/^a: groups form a circle: a → b → a$/),
      expect.stringMatching(/^after: after names nobody, which is not there$/),
      expect.stringMatching(/^both: has a decorator and .*both.meta.json: one of them is enough$/),
      expect.stringMatching(/^broken: /),
      expect.stringMatching(/^comma: 1:9: ColonExpected$/),
      expect.stringMatching(/^d: dependencies.0: must match pattern/),
      expect.stringMatching(/^dots: path .* is not absolute and plain/),
      expect.stringMatching(/^e: group e depends on file:gone, which is not there$/),
      expect.stringMatching(/^key: mod: unknown key, did you mean "mode"\?$/),
      expect.stringMatching(/^none: the file has no class/),
      expect.stringMatching(/^nul: path .* contains a control character$/),
      'null: lonely.meta.json belongs to no file',
      'null: no renderer for README',
      'null: no renderer for x.mako',
      expect.stringMatching(/^out: path \/root\/x lies outside of the roots/),
      expect.stringMatching(/^secret: mode 0644 would expose a secret/),
      expect.stringMatching(/^suid: mode: 4755 is more than permissions/),
      expect.stringMatching(/^syntax: /),
    ]);
    expect(catalog.errors.find(({ name }) => name === 'syntax')!.source).toMatch(
      /syntax.liquid:2:\d+$/,
    );
    expect(catalog.errors.find(({ name }) => name === 'broken')!.source).toMatch(
      /broken.ts:3:\d+$/,
    );
    expect([...catalog.targets.keys()]).toEqual(['after', 'good', 'inside']);
    expect([...catalog.groups.keys()]).toEqual(['c', 'e']);
  });

  it('come from the first directory, unless a later one says that it stands above', async () => {
    put({ 'a.static': '1', 'b.static': '1' });
    put({ 'a.static': '2', 'b.liquid': '2', 'b.meta.json': '{"override": true}' }, 'q');
    const { targets, errors, warnings } = await load('p', 'gone', 'q');
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('a is made by')]);
    expect(targets.get('a')!.source).toContain('/p/');
    expect(targets.get('b')!.source).toContain('/q/');
    expect(warnings).toEqual([expect.stringContaining('gone cannot be read')]);
  });

  it('are not believed where others may write', async () => {
    put({ 'a.static': '1' });
    put({ 'b.static': '1', 'c/d.static': '' }, 'q');
    chmodSync(join(folder, 'q/c'), 0o775);
    symlinkSync('/etc/passwd', join(folder, 'p/passwd.static'));
    const { targets, errors } = await load('p', 'q');
    expect([...targets.keys()]).toEqual(['a']);
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('is a link to somewhere else') as string,
      }),
      expect.objectContaining({
        code: 13,
        message: expect.stringMatching(/q\/c is writable by others$/) as string,
      }),
    ]);
  });
});

describe('a renderer', () => {
  it('that hangs or ends its process fails alone', async () => {
    put({
      'loop.ts': script('render() { for (;;); }'),
      'exit.ts': script('render() { process.exit(1); }'),
      'wait.ts': script('render() { return new Promise(() => {}); }'),
      'good.liquid': 'good',
    });
    const catalog = await load();
    const results = await render(catalog, 'loop', 'good', 'exit', 'good', 'wait', 'good');
    expect(results.map(({ files }) => textOf(files[0]!))).toEqual([
      { kind: 'failed', error: { stage: 'render', message: 'render timed out', code: 110 } },
      expect.stringMatching(/\ngood$/),
      {
        kind: 'failed',
        error: { stage: 'render', message: expect.stringMatching(/^renderer died/) as string },
      },
      expect.stringMatching(/\ngood$/),
      expect.objectContaining({ kind: 'failed' }),
      expect.stringMatching(/\ngood$/),
    ]);
  });

  it('says where it failed', async () => {
    put({
      'a.ts': script("render() {\n  throw new Error('no');\n}"),
      'b.liquid': 'a\nb\n{{ nobody }}\n',
    });
    const [a, b] = await render(await load(), 'a', 'b');
    expect(a!.files[0]!.rendering).toMatchObject({
      error: { stage: 'render', message: 'no', template: 'a.ts', line: 5 },
    });
    expect(b!.files[0]!.rendering).toMatchObject({
      error: { stage: 'render', template: 'b.liquid', line: 3, column: 4 },
    });
  });

  it('shares each read with all files of its generation', async () => {
    const body =
      "async render() { await this.query('x'); return JSON.stringify(await this.call('ntp_server.query', 1)); }";
    put({ 'a.ts': script(body), 'b.ts': script(body) });
    const results = await render(await load(), 'a', 'b');
    expect(data.query).toHaveBeenCalledTimes(1);
    expect(data.call).toHaveBeenCalledTimes(1);
    expect(results[1]!.dependencies).toEqual(['collection:x', 'event:ntp_server.changed']);
  });

  it('gets passwords closed, and opening one makes the file a secret', async () => {
    const meta = '{"data": {"s": {"config": "secret"}}, "mode": "0600"}';
    put({
      'closed.liquid': '{{ s }}',
      'closed.meta.json': meta,
      'open.liquid': 'p={{ s | reveal }}',
      'open.meta.json': meta,
      'wide.liquid': 'p={{ s | reveal }}',
      'wide.meta.json': meta.replace('0600', '0644'),

      'throws.ts': script(
        "async render() { throw new Error(await this.reveal(await this.config('secret'))); }",
      ),
      'throws.meta.json': '{"mode": "0600"}',
    });
    const catalog = await load();
    const [closed, open, wide, throws] = await render(catalog, 'closed', 'open', 'wide', 'throws');
    expect(closed!.files[0]!.rendering).toMatchObject({
      error: { message: expect.stringContaining('is a password') as string },
    });
    expect(textOf(open!.files[0]!)).toMatch(/p=hunter22$/);
    expect(open!.files[0]!.isSensitive).toBe(true);
    expect(wide!.files[0]!.rendering).toMatchObject({
      error: {
        stage: 'render',
        message: expect.stringContaining('would expose a secret') as string,
      },
    });
    expect(JSON.stringify(throws)).not.toContain('hunter22');
    expect(throws!.files[0]!.rendering).toMatchObject({ error: { message: '<hidden>' } });
  });

  it('is off until its switch is on', async () => {
    put({ 'a.static': '', 'a.meta.json': '{"enabled": {"config": "off"}}' });
    const [a] = await render(await load(), 'a');
    expect(a!.files[0]!.rendering).toEqual({ kind: 'disabled' });
    expect(a!.dependencies).toEqual(['config:off']);
  });

  it('makes a folder of files, none outside of it', async () => {
    put({
      'ssl.ts': `import { FileSetRenderer } from 'dispatcher/etcd';\nexport default class extends FileSetRenderer { render() { return { 'a.pem': 'A', '../x': 'B', 'c/d': new Uint8Array([1]) }; } }`,
    });
    const [ssl] = await render(await load(), 'ssl');
    expect(ssl!.isWholeSet).toBe(true);
    expect(
      ssl!.files.map(({ name, path, set, rendering }) => [name, path, set, rendering.kind]),
    ).toEqual([
      ['ssl/a.pem', '/r/ssl/a.pem', 'ssl', 'content'],
      ['ssl/../x', '/r/ssl/../x', 'ssl', 'failed'],
      ['ssl/c/d', '/r/ssl/c/d', 'ssl', 'content'],
    ]);
  });
});
