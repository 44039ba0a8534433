import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Command, type CommandSpec, isGroup } from '../../src/cli/command.js';
import { ROOT } from '../../src/cli/commands.js';
import { EXIT } from '../../src/cli/exit-status.js';
import { runCli } from './support/run-cli.js';

vi.setConfig({ testTimeout: 60_000 });

/** Nobody listens there. */
const NOWHERE = 'ws://127.0.0.1:1/socket';
/** No name, number or file of anything. */
const NOTHING = 'no/such';
const STATUSES: ReadonlySet<number | null> = new Set(Object.values(EXIT));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dispatcher-every-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function commandsIn(
  spec: CommandSpec,
  path: readonly string[] = [],
): (readonly [string, Command])[] {
  if (!isGroup(spec)) return [[path.join(' '), spec]];
  return spec.commands.flatMap((one) => commandsIn(one, [...path, one.name]));
}

const run = (words: readonly string[]) =>
  runCli(words, {
    env: { DISPATCHER_URL: NOWHERE, HOME: folder, XDG_CACHE_HOME: folder, STATE_DIRECTORY: folder },
  });

/** The program as it is delivered, whose parts are loaded by what is typed: each has to be there and to end. */
describe.each(commandsIn(ROOT))('%s', (path, command) => {
  it('helps, and comes to an end that it says something about', async () => {
    const words = path.split(' ');
    const help = await run([...words, '--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toContain(`Usage: `);
    const wanted = (command.operands ?? []).filter(({ isOptional }) => isOptional !== true);
    const limit = command.talks === true ? ['--timeout=3'] : [];
    const { status, stdout, stderr } = await run([
      ...words,
      ...wanted.map(() => NOTHING),
      ...limit,
    ]);
    expect([STATUSES.has(status), status, stderr]).toEqual([true, status, stderr]);
    expect(stdout + stderr).not.toBe('');
    expect(stderr).not.toMatch(/^\s+at /m); // no stack
  });
});
