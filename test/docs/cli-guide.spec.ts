import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isHidden } from '../../src/cli/arguments/index.js';
import { type CommandSpec, isGroup } from '../../src/cli/command.js';
import { ROOT } from '../../src/cli/commands.js';
import { EXIT } from '../../src/cli/exit-status.js';
import { operandText } from '../../src/cli/help.js';
import { ServerProcess } from '../support/server-process.js';

const PATH = join(import.meta.dirname, '../..');
const page = readFileSync(join(PATH, 'docs/cli.md'), 'utf8');
const MARK = '\u001e';

let server: ServerProcess;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dispatcher-cli-guide-'));
  server = await ServerProcess.start();
  for (const name of ['dispatcherctl', 'dispatcher-cli']) {
    const program = join(folder, name);
    const entry = join(PATH, `dist/src/cli/${name}.js`);
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`);
    chmodSync(program, 0o755);
  }
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

interface Step {
  readonly command: string;
  /** A `…` stands for anything. */
  readonly answer: string;
}

function session(text: string): readonly Step[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...answer] = part.split('\n');
      return { command, answer: answer.join('\n') };
    });
}

/** What a person sees who types them one after the other. */
function typed(commands: readonly string[]): readonly string[] {
  const script = commands.map(
    (command) => `${command}\n__was=$?; printf '${MARK}'; (exit $__was)\n`,
  );
  const output = execFileSync('bash', ['-c', `exec 2>&1\n${script.join('')}`], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
      HOME: folder,
      DISPATCHER_URL: server.url,
      DISPATCHER_USER: 'root',
    },
  });
  return output.split(MARK).slice(0, -1);
}

const pattern = (answer: string): RegExp =>
  new RegExp(`^${answer.split('…').map(escaped).join('.*')}$`);
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function commandsOf(specs: readonly CommandSpec[], path: string): readonly string[] {
  return specs
    .filter((spec) => !isHidden(spec))
    .flatMap((spec) => {
      if (isGroup(spec)) return commandsOf(spec.commands, `${path}${spec.name} `);
      const words = [spec.name, ...(spec.operands ?? []).map(operandText)].join(' ');
      return [`| \`${path}${words.replaceAll('|', '\\|')}\` | ${spec.summary} |`];
    });
}

const [first = '', plugins = ''] = page.split('\n## Plugins\n');

/** The first block of code in this language. */
const block = (language: string, text: string): string =>
  new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(text)?.[1] ?? '';

function expectAsShown(steps: readonly Step[]): void {
  const answers = typed(steps.map(({ command }) => command));
  for (const [at, { command, answer }] of steps.entries()) {
    expect(answers[at]?.replaceAll('\r\n', '\n'), command).toMatch(pattern(answer));
  }
}

describe('the guide to the command line', () => {
  it('has a session that goes as shown', () => {
    const steps = session(block('console', first));
    expect(steps.length).toBeGreaterThan(20);
    expectAsShown(steps);
  }, 180_000);

  it('has a plugin of the shell that does what is shown, and a script', () => {
    writeFileSync(join(folder, 'middleware.conf'), block('json', plugins));
    mkdirSync(join(folder, 'plugins'));
    writeFileSync(join(folder, 'plugins', 'people.ts'), block('ts', plugins));
    const steps = session(block('console', plugins));
    expect(steps.length).toBeGreaterThan(10);
    expectAsShown(steps);
    const [, , script = ''] = plugins.split('```ts\n');
    writeFileSync(join(folder, 'sum.ts'), script.split('```')[0] ?? '');
    const [, made = ''] = typed([
      'dispatcherctl codegen --out api.ts',
      'dispatcher-cli run sum.ts /etc/hostname --select algorithm',
    ]);
    expect(made).toBe('sha256\n');
  }, 180_000);

  it('lists every command, and no other (copy rows from the difference)', () => {
    const [, section = ''] = /## Commands\n(.*?)\n## /s.exec(page) ?? [];
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    const trimmed = rows.map((row) => row.replace(/\s+\|/g, ' |').replace(/\|\s+/g, '| '));
    expect(trimmed).toEqual(commandsOf(ROOT.commands, ''));
  });

  it('lists every exit status', () => {
    const [, section = ''] = /## Exit status\n(.*?)\n## /s.exec(page) ?? [];
    const listed = Array.from(section.matchAll(/^\| (\d+) /gm), ([, status]) => Number(status));
    expect(listed).toEqual(Object.values(EXIT).sort((a, b) => a - b));
  });
});
