import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const COMMAND = fileURLToPath(new URL('../../dist/src/cli/dispatcherctl.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'plugin-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

function check(name: string, source: string, ...options: string[]) {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'index.ts'), source);
  return run('check', join(folder, name), ...options);
}

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, 'plugin', ...words], {
    encoding: 'utf8',
    timeout: 50_000,
    killSignal: 'SIGKILL',
  });
  return { status, stdout, stderr };
}

const plugin = (body: string): string =>
  `import { accepts, description, h, Plugin, Provider, provider, returns } from 'dispatcher';\n${body}`;

describe('plugin check', () => {
  it('lists what a plugin registers that plugin new made', () => {
    expect(run('new', 'disk-watch', '--dir', folder).status).toBe(0);
    const { status, stdout, stderr } = run('check', join(folder, 'disk-watch'), '--strict');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('disk_watch.greet(string) → string');
    expect(stdout).toContain('task disk_watch.add (inline)');
    expect(stdout).toContain('event source disk_watch.count');
  });

  it('says where code cannot be compiled', () => {
    const { status, stderr } = check('broken', 'const a = 1;\nexport default class {');
    expect(status).toBe(1);
    expect(stderr).toMatch(/broken does not load \(load\): .*\(index\.ts:2:\d+\)/);
  });

  it.each([
    ['throws', "constructor() { throw new Error('no\\x1b[31m disk'); }", 'no\\x1b[31m disk'],
    ['waits', 'init() { return new Promise(() => {}); }', 'init did not finish within 1 s'],
    ['computes', 'init() { for (;;) {} }', 'did not load within'],
    [
      'ends',
      "init() { process.kill(process.pid, 'SIGTERM'); return new Promise(() => {}); }",
      'ended the process',
    ],
  ])('ends when the plugin %s', (name, body, message) => {
    const source = plugin(
      `setInterval(() => {}, 1_000); @Plugin() export default class P { ${body} }`,
    );
    const { status, stderr } = check(name, source, '--timeout', '1');
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });

  it('refuses a name that the server has itself', () => {
    const source = plugin(
      "@provider('task') class Mine extends Provider { @accepts() @returns(null) x() { return null; } }\n" +
        '@Plugin({ providers: [Mine] }) export default class P {}',
    );
    const { status, stderr } = check('taken', source);
    expect(status).toBe(1);
    expect(stderr).toContain('Service task is already offered by the server');
  });

  it('warns of what is most likely not meant so, with status 7 when that is asked for', () => {
    const source = plugin(
      "@provider('mute') class Mute extends Provider { x() {} }\n" +
        "@provider('loose') @description('d') class Loose extends Provider { @description('d') @accepts() x() {} }\n" +
        'class Unused { y!: string }\n' +
        '@Plugin({ providers: [Mute, Loose] }) export default class P {}',
    );
    const { status, stderr } = check('odd', source, '--strict');
    expect(status).toBe(7);
    expect(stderr).toContain('provider mute: has no method');
    expect(stderr).toContain('method loose.x: has no @returns');
    expect(run('check', join(folder, 'odd')).status).toBe(0);
  });

  it.each([[[]], [['nowhere']], [['.', '--timeout', 'x']], [['--nosuch']]])(
    '%j is a usage error',
    (words) => {
      expect(run('check', ...words).status).toBe(2);
    },
  );
});
