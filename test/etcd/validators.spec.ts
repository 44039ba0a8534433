import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EngineHarness, outcomes } from './engine.harness.js';

describe('validators', () => {
  const check = async (on: EngineHarness, text: string): Promise<string> => {
    const path = join(on.folder, 'check');
    await writeFile(path, `#!/bin/sh\n${text}\n`);
    await chmod(path, 0o755);
    return path;
  };

  it.each(['private', 'beside'] as const)(
    'that refuse a file leave its target and no trace (%s)',
    async (validateIn) => {
      const on = await EngineHarness.start();
      await on.apply([on.file('p/b', 'old')]);
      const program = await check(on, 'echo "$1: line 3 is wrong" >&2; exit 1');
      const validate = [[program, '{path}']];
      const report = await on.apply([on.file('p/b', 'new', { validate, validateIn })]);
      expect(report.files[0]).toMatchObject({ outcome: 'failed', error: { stage: 'validate' } });
      expect(report.files[0]?.error?.output).toContain('line 3 is wrong');
      expect(report.files[0]?.error?.message).toContain('exit 1');
      expect(await on.read('p/b')).toBe('old');
      expect(await on.names()).toEqual(['p', 'p/b']);
    },
  );

  it('that refuse a new file leave no folder that was made for it', async () => {
    const on = await EngineHarness.start();
    const validate = [['/bin/false']];
    await on.apply([on.file('p/q/b', 'new', { validate, validateIn: 'beside' })]);
    expect(await on.names()).toEqual([]);
  });

  it.each(['private', 'beside'] as const)(
    'see the new content and its mode, and their argv is no shell line (%s)',
    async (validateIn) => {
      const on = await EngineHarness.start();
      const seen = join(on.folder, 'seen');
      const program = await check(
        on,
        `cat "$1" > ${seen}; stat -c %a "$1" >> ${seen}; printf '%s' "$2" >> ${seen}; env >> ${seen}`,
      );
      const validate = [[program, '{path}', '$HOME; rm -rf {path} $&']];
      const file = on.file('b', 'new\n', { validate, validateIn, mode: 0o640 });
      expect(outcomes(await on.apply([file]))).toEqual({ b: 'created' });
      const text = await readFile(seen, 'utf8');
      expect(text).toMatch(/^new\n640\n\$HOME; rm -rf \/\S+ \$&/);
      expect(text).not.toContain('HOME=');
    },
  );

  it('that do not end are killed with all they started', async () => {
    const on = await EngineHarness.start({ limits: { validatorMs: 300 } });
    const program = await check(on, `sleep 60 & echo $! > ${on.folder}/pid; wait`);
    const report = await on.apply([on.file('b', 'new', { validate: [[program]] })]);
    expect(report.files[0]?.error?.message).toContain('took longer than 300 ms');
    const pid = Number(await readFile(join(on.folder, 'pid'), 'utf8'));
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('that print without end are heard to their last bytes alone', async () => {
    const on = await EngineHarness.start({ limits: { outputBytes: 1_000 } });
    const program = await check(on, 'head -c 3000000 /dev/zero | tr "\\0" x; echo end; exit 2');
    const report = await on.apply([on.file('b', 'new', { validate: [[program]] })]);
    const output = report.files[0]?.error?.output ?? '';
    expect(output).toHaveLength(1_000);
    expect(output.endsWith('xend\n')).toBe(true);
  });

  it('that are not there are said so', async () => {
    const on = await EngineHarness.start();
    const report = await on.apply([on.file('b', 'new', { validate: [['/nowhere/check']] })]);
    expect(report.files[0]?.error).toMatchObject({
      stage: 'validate',
      message: '/nowhere/check cannot be started (ENOENT)',
    });
  });

  it('have their output pass the redactor', async () => {
    const on = await EngineHarness.start();
    on.redactor.add('hunter22');
    const program = await check(on, 'cat "$1"; exit 1');
    const file = on.file('b', 'password hunter22', { validate: [[program, '{path}']] });
    expect(JSON.stringify(await on.apply([file]))).not.toContain('hunter22');
    expect(JSON.stringify(on.events)).not.toContain('hunter22');
  });

  it('are only told of under validation: log, and not run under off', async () => {
    const told = await EngineHarness.start({ validation: 'log' });
    const file = told.file('b', 'new', { validate: [['/bin/false']] });
    expect(outcomes(await told.apply([file]))).toEqual({ b: 'created' });
    expect(told.lines.join()).toContain('although /bin/false refuses it');
    const off = await EngineHarness.start({ validation: 'off' });
    const other = off.file('b', 'new', { validate: [['/bin/false']] });
    expect(outcomes(await off.apply([other]))).toEqual({ b: 'created' });
    expect(off.lines).toEqual([]);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
