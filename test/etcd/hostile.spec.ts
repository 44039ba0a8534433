import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { GenerationReport } from '../../src/etcd/model/index.js';
import { EtcdGround } from './etcd-ground.js';

const SMALL_BYTES = 256 * 1_024;
const canMount = process.getuid!() === 0;

interface Failure {
  readonly name: string | null;
  readonly source: string;
  readonly message: string;
}

/** A file system of two megabytes, as the root: it is soon full. */
function mountSmall(path: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=755', 'tmpfs', path]).status === 0;
}

describe('etcd among those who mean no good', () => {
  const ground = new EtcdGround();
  const outside = mkdtempSync(join(tmpdir(), 'etcd-outside-'));
  let isSmall = false;

  beforeAll(async () => {
    isSmall = canMount && mountSmall(ground.root);
    writeFileSync(join(outside, 'theirs.static'), 'theirs');
    ground.put({
      'good.liquid': 'good {{ v }}\n',
      'good.meta.json': '{ "data": { "v": { "config": "h.good" } } }',
      'large.liquid': `{% for n in (1..${SMALL_BYTES / 16}) %}0123456789abcd\n{% endfor %}{{ v }}`,
      'large.meta.json': '{ "data": { "v": { "config": "h.large" } } }',
      'endless.liquid': '{% for n in (1..100000000) %}{{ n }}{% endfor %}',
      'endless.meta.json': '{ "checkpoint": null }',
      'recursive.liquid': "{% render 'recursive' %}",
      'recursive.meta.json': '{ "checkpoint": null }',
      'runs.liquid': '{{ "".constructor.constructor("return process")() }}',
      'runs.meta.json': '{ "checkpoint": null }',
      'odd.meta.json': '{ "mode": "4755" ',
      'setuid.static': 'x',
      'setuid.meta.json': '{ "mode": "4755" }',
      'groups.json': '{ "__proto__": { "dependencies": ["file:good"] }, "constructor": 5 }',
      'mako/old.mako': 'x = ${x}',
      'a\nb.static': 'a name of two lines',
    });
    symlinkSync(outside, join(ground.plugins, 'linked'));
    symlinkSync(join(outside, 'theirs.static'), join(ground.plugins, 'theirs.static'));
    symlinkSync('.', join(ground.plugins, 'loop'));
    execFileSync('mkfifo', [join(ground.plugins, 'pipe.liquid')]);
    mkdirSync(join(ground.plugins, 'folder.liquid'));
    await ground.startAll({ limits: { 'render-ms': 2_000 } });
    await ground.set({ 'h.good': 1, 'h.large': 'one' });
    await vi.waitFor(() => expect(ground.body('good')).toBe('good 1\n'), {
      timeout: 10_000,
      interval: 50,
    });
  });
  afterAll(async () => {
    if (isSmall) spawnSync('umount', [ground.root]);
    await ground.stop();
    rmSync(outside, { recursive: true });
  });

  it('loads what is right, and says of the rest what is wrong with it', async () => {
    const { plugin_errors: errors } = await ground.call<{ plugin_errors: Failure[] }>(
      'etcd.management.status',
    );
    const said = errors.map(({ source, message }) => `${source}: ${message}`).join('\n');
    for (const part of [
      'linked',
      'theirs.static',
      'pipe.liquid',
      'setuid',
      'no renderer for',
      'odd',
    ])
      expect(said).toContain(part);
    expect(existsSync(join(ground.root, 'theirs'))).toBe(false);
    expect(existsSync(join(ground.root, 'setuid'))).toBe(false);
  });

  it.each(['endless', 'recursive', 'runs'])('fails the one file: %s', async (name) => {
    await expect(ground.generate(name)).rejects.toMatchObject({ code: 5 });
    expect(existsSync(join(ground.root, name))).toBe(false);
    expect((await ground.generate('good')).files).toMatchObject([{ outcome: 'unchanged' }]);
  });

  it('leaves the old file whole on a full disk, and nothing beside it', async (context) => {
    if (!isSmall) context.skip('only root can mount a small disk');
    await expect.poll(() => ground.read('large').trimEnd().endsWith('one')).toBe(true);
    const before = ground.read('large');
    const filling = join(ground.root, 'filling');
    spawnSync('dd', ['if=/dev/zero', `of=${filling}`, 'bs=4k', 'count=4096']);
    await ground.set({ 'h.large': 'two' });
    const error: unknown = await ground.generate('large').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 5 });
    expect((error as { extra: GenerationReport }).extra.files[0]?.error).toMatchObject({
      message: expect.stringContaining('the disk is full') as string,
    });
    expect(ground.read('large')).toBe(before);
    expect(readdirSync(ground.root).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    rmSync(filling);
    await ground.generate('large');
    expect(ground.read('large').trimEnd()).toMatch(/two$/);
  });

  it('is the only one that serves a dispatcher, and the second touches nothing', async () => {
    const before = ground.read('good');
    const second = ground.spawn(
      ['-c', join(ground.folder, 'etcd.conf')],
      join(ground.folder, 'state-second'),
    );
    let told = '';
    second.stderr!.setEncoding('utf8').on('data', (text: string) => (told += text));
    const [status] = (await once(second, 'close')) as [number | null];
    expect(status).toBe(1);
    expect(told).toContain('Another dispatcher-etcd serves this dispatcher');
    expect(ground.read('good')).toBe(before);
    expect(await ground.generate('good')).toMatchObject({ files: [{ name: 'good' }] });
  });

  it('waits for a dispatcher that stands still, and goes on when that goes on', async () => {
    const { pid } = ground.server.child;
    process.kill(pid!, 'SIGSTOP');
    const verified = ground.client.call('etcd.generation.generate_file', ['good']);
    writeFileSync(join(ground.root, 'good'), 'mine\n'); // drift is seen meanwhile
    process.kill(pid!, 'SIGCONT');
    expect(await verified).toMatchObject({ files: [{ name: 'good' }] });
    expect(ground.etcd!.exitCode).toBeNull();
  });
});
