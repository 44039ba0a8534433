import { beforeEach, describe, expect, it } from 'vitest';
import { ShellGround } from './support/shell-ground.js';

const ground = new ShellGround();
const line = (text: string) => ground.line(text);
const answer = (text: string): Promise<unknown> => ground.answer(text);

beforeEach(async () => {
  await line('probe seen');
});

describe('a line', () => {
  it('takes no option that means nothing there', async () => {
    for (const [text, hint] of [
      ['probe echo x --nosuch', ''],
      ['probe echo --value=x', ': the argument is given as value=VALUE'],
      ['probe item show --limit=3', '; behind a pipe: | limit N'],
      ['probe item n1 show --nosuch', ''],
      ['probe item --nosuch', ''],
      ['$? --nosuch', ''],
      ['probe item create name=z --nosuch', ''],
      ['submit probe.fail --nosuch', ''],
    ] as const) {
      const { status, stdout, stderr } = await line(text);
      const name = /--(\w+)/.exec(text)?.[1] ?? '';
      const wanted = `There is no option --${name} here${hint}\n`;
      expect([text, status, stdout, stderr]).toEqual([text, 2, '', wanted]);
    }
    expect(await answer('probe seen')).toEqual([]);
  });

  it('is refused where a word would be passed over', async () => {
    for (const [text, wanted] of [
      ['jobs 7', 'jobs takes nothing'],
      ['whoami --nosuch', 'whoami takes nothing'],
      ['begin now', 'begin takes nothing'],
      ['refresh all', 'refresh takes nothing'],
      ['probe list_plain | each n { echo $it }', 'each takes a block: { LINE }'],
      ['probe list_plain | each', 'A block { … } is missing behind each'],
    ] as const) {
      expect([text, await line(text)]).toEqual([
        text,
        { status: 2, stdout: '', stderr: `${wanted}\n` },
      ]);
    }
  });

  it('that asks for rows as nobody can is led to the one that does', async () => {
    for (const [text, wanted] of [
      ['task query limit=2', 'for rows: task show | limit VALUE'],
      ['task query state=FAILED', 'for rows: task show state=VALUE'],
      ['probe item query uid>3', 'for rows: probe item show uid>VALUE'],
      ['probe item show limit=2', '; behind a pipe: | limit N'],
      ['probe item show sort -uid', '; behind a pipe: | sort [-]PROPERTY...'],
    ] as const) {
      const { status, stderr } = await line(text);
      expect([text, status]).toEqual([text, 2]);
      expect(stderr).toContain(wanted);
    }
    expect(await answer('probe item query filter=[[uid,"=",3]] | get name')).toEqual(['n3']);
  });
});

describe('the log of a task', () => {
  it('is text for people, and rows behind a pipe', async () => {
    await line('probe fail');
    const [id] = (await answer('task show name=probe.fail | sort -id | select id')) as [number];
    const { status, stdout } = await line(`logs ${id}`);
    expect([status, stdout]).toEqual([0, expect.stringContaining('The disk is busy')]);
    expect(await answer(`logs ${id} | count`)).toBeGreaterThan(0);
  });
});
