import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { everyOption, isHidden } from './arguments/index.js';
import { type CommandSpec, isGroup } from './command.js';
import { ROOT } from './commands.js';
import { EXIT } from './exit-status.js';
import { helpOf } from './help.js';
import { manPage } from './man-page.js';

const page = manPage('1.2.3');
const plain = page.replaceAll('\\-', '-');
const hasGroff = spawnSync('groff', ['--version']).status === 0;

function paths(specs: readonly CommandSpec[], before: string): readonly [string, CommandSpec][] {
  return specs
    .filter((spec) => !isHidden(spec))
    .flatMap((spec): readonly [string, CommandSpec][] => {
      const path = `${before}${spec.name}`;
      return [[path, spec], ...(isGroup(spec) ? paths(spec.commands, `${path} `) : [])];
    });
}
const all = paths(ROOT.commands, '');

describe('the manual page', () => {
  it('tells of every command, every option and every status', () => {
    for (const [path, spec] of all) {
      if (!isGroup(spec)) expect(plain, path).toMatch(new RegExp(`^\\.B ${path}(?: |$)`, 'm'));
    }
    for (const name of Object.keys(everyOption(ROOT))) {
      if (name !== 'help' && name !== 'version') expect(plain).toContain(`--${name}`);
    }
    for (const status of Object.values(EXIT)) expect(plain).toContain(`\n.B ${status}\n`);
  });

  it.skipIf(!hasGroff)('is understood by groff without a warning (needs groff)', () => {
    const { status, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], {
      input: page,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('the help', () => {
  it.each(all)('of %s fits on a line of 90 and begins with its usage', (path, spec) => {
    const text = helpOf(spec, path);
    // the shell is a program of its own
    const words = path === 'sh' ? 'dispatcher-cli' : `dispatcherctl ${path}`;
    expect(text.startsWith(`Usage: ${words}`)).toBe(true);
    const lines = text.split('\n').filter((line) => !line.startsWith('  dispatcherctl '));
    expect(lines.filter((line) => line.length > 90)).toEqual([]);
  });

  it('options of one name take a value in all commands or in none: which word is one is known before the command is', () => {
    const takes = new Map<string, boolean>();
    for (const [path, spec] of all) {
      for (const [name, { value }] of isGroup(spec) ? [] : Object.entries(spec.options ?? {})) {
        expect(takes.get(name) ?? value !== undefined, `${path} --${name}`).toBe(
          value !== undefined,
        );
        takes.set(name, value !== undefined);
      }
    }
  });
});
