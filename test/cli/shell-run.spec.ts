import { describe, expect, it } from 'vitest';
import { CTL, endOf, runCli, startCli } from './support/run-cli.js';
import { ShellGround } from './support/shell-ground.js';

const ground = new ShellGround();
const HEAD = `import { CommandError, type ScriptContext } from 'dispatcher/cli';\n`;
const script = (text: string, ...args: string[]) => {
  const file = ground.file(`script-${Math.random().toString(36).slice(2)}.ts`, text);
  return ground.run(['run', file, ...args]);
};

describe('dispatcher-cli run', () => {
  it('gives a script a client that is logged in, its words, and values of the language', async () => {
    const told = await script(
      `${HEAD}export default async ({ client, args }: ScriptContext) => {
        const { at } = (await client.call<{ at: Date }>('probe.exact'));
        console.log('from the script');
        return { sum: await client.call('probe.add', args.map(Number)), isDate: at instanceof Date, at };
      };`,
      '2',
      '3',
    );
    expect(told).toMatchObject({ status: 0, stderr: '' });
    expect(told.stdout).toMatch(/^from the script\n/);
    expect(JSON.parse(told.stdout.slice('from the script\n'.length))).toEqual({
      sum: 5,
      isDate: true,
      at: { $date: '1970-01-01T00:00:00.000Z' },
    });
  });

  it.each<[string, string, number, RegExp]>([
    [
      'its own status',
      `${HEAD}export default () => { throw new CommandError(42, 'so it is'); };`,
      42,
      /^dispatcher-cli: so it is\n$/,
    ],
    ['that of process.exit', 'export default () => { process.exit(9); };', 9, /^$/],
    [
      'a mistake',
      'export default () => {\n  throw new Error("oops"); };',
      1,
      /^dispatcher-cli: script-.*\.ts: oops \(script-.*\.ts:2:9\)\n$/,
    ],
    [
      'what the server says',
      'export default ({ client }: any) => client.call("probe.nosuch");',
      1,
      /^ENOENT: Method not found\n$/,
    ],
    ['no function', 'export const x = 1;', 2, /has no function as its default export/],
    ['broken', 'export default (;', 2, /cannot be loaded: .*:1:17/],
    [
      'a missing import',
      'import "./nowhere.js"; export default () => 1;',
      2,
      /cannot be loaded: .*nowhere/,
    ],
    [
      'a timer that is left',
      'export default () => { setInterval(() => {}, 1000); return 1; };',
      0,
      /^$/,
    ],
  ])('ends with the truth: %s', async (_, text, status, stderr) => {
    const told = await script(text);
    expect(told.status, told.stderr).toBe(status);
    expect(told.stderr).toMatch(stderr);
  });

  it('streams what a script yields, and is stopped by ^C', async () => {
    const rows = await script(
      'export default async function* () { yield { n: 1 }; yield { n: 2 }; }',
    );
    expect(rows.stdout).toBe('{"n":1}\n{"n":2}\n');
    const file = ground.file(
      'waits.ts',
      'export default ({ signal }: any) => { console.log("on"); return new Promise(() => {}); };',
    );
    const child = startCli(['run', file], ground.options());
    child.stdout!.once('data', () => child.kill('SIGINT'));
    expect((await endOf(child)).status).toBe(130);
  });

  it('uses the client that codegen makes', async () => {
    const made = await runCli(['codegen', '--out', `${ground.folder}/api.ts`], {
      ...ground.options(),
      program: CTL,
    });
    expect(made.status, made.stderr).toBe(0);
    const file = ground.file(
      'typed.ts',
      `import { typed } from './api.js';\nexport default async ({ client }: any) => (await typed(client).probe.add(20, 22));`,
    );
    expect(await ground.run(['run', file])).toMatchObject({
      status: 0,
      stdout: '42\n',
      stderr: '',
    });
  });

  it('of a file that is not there, or words behind a script of the shell, is told at once', async () => {
    expect(await ground.run(['run', '/nowhere.ts'])).toMatchObject({ status: 2, stdout: '' });
    expect(await ground.run([ground.file('a.sh', 'true'), 'more'])).toMatchObject({ status: 2 });
  });
});
