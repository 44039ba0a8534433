import { describe, expect, it } from 'vitest';
import { endOf, startCli } from './support/run-cli.js';
import { ShellGround } from './support/shell-ground.js';

const ground = new ShellGround();

describe('rows that come one by one and never pause', () => {
  /** Ends the shell as soon as so much is seen. */
  const seenOf = async (text: string, form: string, wanted: string): Promise<string> => {
    const child = startCli(['-e', text, form], ground.options());
    let seen = '';
    child.stdout!.setEncoding('utf8').on('data', (piece: string) => {
      seen += piece;
      if (seen.includes(wanted)) child.kill('SIGINT');
    });
    const { status } = await endOf(child);
    expect([text, form, status]).toEqual([text, form, 130]);
    return seen;
  };
  const forms = ['--json', '--ndjson', '--table', '--yaml', '--csv'];

  it.each(forms)('are shown while they come, %s', async (form) => {
    const seen = await seenOf('probe steady | search n>1', form, '9');
    expect(seen).not.toContain('late'); // it is seen long before that
  });

  it.each(forms)('are searched for a text while they come, %s', async (form) => {
    const seen = await seenOf('probe steady | grep 7', form, '7');
    expect(seen.split('\n').every((one) => one === '' || one.includes('7'))).toBe(true);
  });

  it('stand in CSV under the names of the first of them, and what has no name there is told of', async () => {
    const child = startCli(['-e', 'probe steady | limit 180', '--csv'], ground.options());
    const { status, stdout, stderr } = await endOf(child);
    const [names, ...rows] = stdout.split('\r\n').slice(0, -1);
    expect([status, names]).toEqual([0, 'n']);
    expect(rows).toEqual(Array.from({ length: 180 }, (_, n) => String(n)));
    expect(stderr).toBe(
      'late: not among the names of the first rows, so left out; --ndjson has it\n',
    );
  });
});
