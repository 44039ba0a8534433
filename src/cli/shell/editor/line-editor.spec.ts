import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualScreen } from '../../../../test/support/virtual-screen.js';
import { type Completion, LineEditor, type Read } from './index.js';

const none: Completion = { start: 0, end: 0, candidates: [] };
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const open: LineEditor[] = [];
afterEach(() => {
  for (const editor of open.splice(0)) editor.close();
});

interface Setup {
  readonly history?: readonly string[];
  readonly complete?: (text: string, cursor: number) => Completion | Promise<Completion>;
  readonly columns?: number;
  readonly rows?: number;
  readonly hasColour?: boolean;
}

/** An editor on a terminal of 40 × 10 that is none. */
function onTerminal({ history = [], complete, columns = 40, rows = 10, ...more }: Setup = {}) {
  const input = new PassThrough();
  const screen = new VirtualScreen(columns, rows);
  const output = Object.assign(new PassThrough(), { columns, rows });
  output.on('data', (chunk: Buffer) => screen.write(chunk.toString()));
  const interrupts: string[] = [];
  let place = '/';
  const editor = new LineEditor({
    input,
    output,
    history: { lines: history },
    prompt: () => [{ text: `${place}> `, style: 'place' }],
    complete: complete ?? (() => Promise.resolve(none)),
    isOpen: (text) => text.split('{').length > text.split('}').length,
    hasColour: more.hasColour ?? true,
  });
  open.push(editor);
  editor.open({
    onInterrupt: () => interrupts.push('interrupt'),
    onSuspend: () => interrupts.push('suspend'),
  });
  const type = async (keys: string): Promise<void> => {
    input.write(keys);
    await settled();
    await settled();
  };
  return {
    editor,
    screen,
    input,
    output,
    interrupts,
    type,
    goTo: (to: string) => (place = to),
    /** What Enter makes of the keys. */
    line: async (keys: string): Promise<Read> => {
      const read = editor.read();
      await type(`${keys}\r`);
      return read;
    },
  };
}

const LEFT = '\x1b[D';
const UP = '\x1b[A';
const DOWN = '\x1b[B';

describe('keys', () => {
  it.each([
    ['letters', 'probe add', 'probe add'],
    ['wide ones and those of several parts', 'e\u0301日本👩‍👩‍👧x\x7f\x7f', 'e\u0301日本'],
    ['^A ^E', 'b\x01a\x05c', 'abc'],
    ['^B and arrows', `ad\x02c${LEFT}b`, 'abcd'],
    ['^W', 'one two-three\x17x', 'one x'],
    ['^U ^Y', 'gone\x15kept \x19', 'kept gone'],
    ['^K', 'abcd\x02\x02\x0b', 'ab'],
    ['Alt-B Alt-D', 'one two\x1bb\x1bd', 'one '],
    ['Alt-backspace', 'one two\x1b\x7f', 'one '],
    ['Alt-F', 'one two\x01\x1bf\x0b', 'one'],
    ['^T', 'ab\x14', 'ba'],
    ['undo', 'one two\x17\x1f', 'one two'],
    ['undo of what was typed together', 'one two\x1f', 'one '],
    ['^D in a line', 'abc\x01\x04', 'bc'],
    ['keys that mean nothing', 'a\x1b[15~\x1b[3;5~\x00\x11b', 'ab'],
  ])('%s', async (_, keys, text) => {
    expect(await onTerminal().line(keys)).toEqual({ kind: 'line', text });
  });

  it('end the reading by ^D in an empty line, and drop the line by ^C', async () => {
    const { editor, type, screen } = onTerminal();
    const first = editor.read();
    await type('abc\x03');
    expect(await first).toEqual({ kind: 'interrupted', text: 'abc' });
    const second = editor.read();
    await type('\x04');
    expect(await second).toEqual({ kind: 'end' });
    expect(screen.rows.slice(0, 2)).toEqual(['/> abc', '/>']);
  });

  it('never break it, whatever they are', async () => {
    const keys = fc.constantFrom(
      ...[
        'a',
        ' ',
        '日',
        '\r',
        '\t',
        '\x12',
        '\x1b',
        '\x1b[A',
        '\x1b[B',
        LEFT,
        '\x1b[C',
        '\x17',
        '\x1f',
      ],
      ...[
        '\x19',
        '\x7f',
        '\x1b[200~',
        '\x1b[201~',
        '\n',
        '{',
        '}',
        '\x0c',
        '\x07',
        '\x01',
        '\x1b[3',
      ],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(keys, { maxLength: 60 }), async (pressed) => {
        const { editor, type, screen } = onTerminal({ history: ['aa', 'a日a', '{\n}'] });
        const reading = editor.read();
        await type(pressed.join(''));
        editor.print('a notice');
        await type('\x1b[201~\x07\x07\x03');
        await settled();
        expect(screen.everything).toContain('a notice');
        editor.close();
        await reading;
        expect(screen.modes).toEqual(new Set());
      }),
      { numRuns: 200 },
    );
  });
});

describe('what is shown', () => {
  it('goes on in the next row, with the cursor where it belongs', async () => {
    const { editor, type, screen } = onTerminal({ columns: 10 });
    void editor.read();
    await type('abcdefg');
    expect(screen.cursor).toEqual({ line: '', row: 1, column: 0 });
    await type('日本語日本語\x01');
    expect(screen.rows).toEqual(['/> abcdefg', '日本語日本', '語']);
    expect(screen.cursor).toMatchObject({ row: 0, column: 3 });
    await type('\x05');
    expect(screen.cursor).toMatchObject({ row: 2, column: 2 });
  });

  it('never obeys what was typed or pasted', async () => {
    const { editor, type, screen } = onTerminal();
    void editor.read();
    await type('\x1b[200~a\x1b]0;owned\x07\x1b[2Jb\x1b[201~');
    expect(screen.text).toMatch(/^\/> a\\x1b.*b$/);
  });

  it('is no more than the screen holds, and has the cursor in it', async () => {
    const { editor, type, screen } = onTerminal({ rows: 5 });
    void editor.read();
    const lines = Array.from({ length: 30 }, (_, n) => `line ${n}`).join('\n');
    await type(`\x1b[200~${lines}\x1b[201~`);
    expect(screen.cursor.line).toBe('... line 29');
    await type(UP.repeat(20));
    expect(screen.cursor.line).toBe('... line 9');
    expect(screen.rows.length).toBeLessThanOrEqual(5);
  });

  it('stays when notices come, above it', async () => {
    const { editor, type, screen, goTo } = onTerminal();
    const reading = editor.read();
    await type('probe ad\x02');
    goTo('[1] /');
    editor.print('Task 7 has ended\n');
    expect(screen.rows).toEqual(['Task 7 has ended', '[1] /> probe ad']);
    expect(screen.cursor.column).toBe(14);
    await type('X\r');
    expect(await reading).toEqual({ kind: 'line', text: 'probe aXd' });
  });

  it('is drawn anew at another width', async () => {
    const { editor, type, screen, output } = onTerminal({ columns: 20 });
    void editor.read();
    await type('abcdefghijklmnopqrstuvwxyz');
    output.columns = 60;
    screen.columns = 60;
    output.emit('resize');
    expect(screen.text).toBe('/> abcdefghijklmnopqrstuvwxyz');
  });
});

describe('several lines', () => {
  it('are typed as long as a block is open', async () => {
    const { screen, line } = onTerminal();
    const read = await line('for x { a\rb }');
    expect(read).toEqual({ kind: 'line', text: 'for x { a\nb }' });
    expect(screen.text).toBe('/> for x { a\n... b }');
  });

  it('are pasted, and nothing runs until Enter', async () => {
    const { editor, type } = onTerminal();
    const reading = editor.read();
    let isDone = false;
    void reading.then(() => (isDone = true));
    await type('\x1b[200~one\r\ntwo\rthree\t\x1b[201~');
    expect(isDone).toBe(false);
    await type('\r');
    expect(await reading).toEqual({ kind: 'line', text: 'one\ntwo\nthree\t' });
  });

  it('are gone through by the arrows, and then the history', async () => {
    const { editor, type } = onTerminal({ history: ['old', 'a\nb'] });
    const reading = editor.read();
    await type(`new${UP}${UP}${UP}${DOWN}${DOWN}${DOWN}!\r`);
    expect(await reading).toEqual({ kind: 'line', text: 'new!' });
  });
});

describe('history', () => {
  const history = ['user show', 'probe add 1 2', 'user create name=x'];

  it('suggests what the newest line went on with, which → takes', async () => {
    const { editor, type, screen } = onTerminal({ history });
    const reading = editor.read();
    await type('us');
    expect(screen.text).toBe('/> user create name=x');
    expect(screen.cursor.column).toBe(5);
    await type('\x1b[C\r');
    expect(await reading).toEqual({ kind: 'line', text: 'user create name=x' });
  });

  it('suggests nothing where it could not be told from what was typed', async () => {
    const { editor, type, screen } = onTerminal({ history, hasColour: false });
    void editor.read();
    await type('us');
    expect(screen.text).toBe('/> us');
  });

  it('leaves what is suggested out of the line', async () => {
    const { line, screen } = onTerminal({ history });
    expect(await line('us')).toEqual({ kind: 'line', text: 'us' });
    expect(screen.text).toBe('/> us');
  });

  it('is searched by ^R, again by ^R, and left by ^G', async () => {
    const { editor, type, screen } = onTerminal({ history });
    const reading = editor.read();
    await type('typed\x12user');
    expect(screen.text).toBe('(search) user: user create name=x');
    await type('\x12');
    expect(screen.text).toBe('(search) user: user show');
    await type('\x12');
    expect(screen.text).toBe('(not found) user: user show');
    await type('\x07');
    expect(screen.text).toBe('/> typed');
    await type('\x12add\r');
    expect(await reading).toEqual({ kind: 'line', text: 'probe add 1 2' });
  });
});

describe('completion', () => {
  const candidates = [
    { text: 'add', description: 'Adds' },
    { text: 'adjust', description: 'Adjusts' },
  ];

  it('writes what all have in common, then lists them', async () => {
    const { editor, type, screen } = onTerminal({
      complete: (text) => Promise.resolve({ start: 0, end: text.length, candidates }),
    });
    void editor.read();
    await type('a\t');
    expect(screen.text).toBe('/> ad');
    await type('\t');
    expect(screen.rows).toEqual(['/> ad', 'add     Adds', 'adjust  Adjusts']);
    expect(screen.cursor).toMatchObject({ row: 0, column: 5 });
    await type('d');
    expect(screen.text).toBe('/> add');
  });

  it('writes the only one with a blank, and none where more has to follow', async () => {
    const one = (text: string, isOpen?: true) =>
      onTerminal({
        complete: (line) => ({
          start: 0,
          end: line.length,
          candidates: [{ text, ...(isOpen === true && { isOpen }) }],
        }),
      });
    expect(await one('probe').line('pr\t!')).toEqual({ kind: 'line', text: 'probe !' });
    expect(await one('name=', true).line('n\t!')).toEqual({ kind: 'line', text: 'name=!' });
  });

  it('does not hold up the typing, and comes too late for another line', async () => {
    let answer: (completion: Completion) => void = () => undefined;
    const { editor, type, screen } = onTerminal({
      complete: () => new Promise((resolve) => (answer = resolve)),
    });
    void editor.read();
    await type('a\tb');
    answer({ start: 0, end: 1, candidates });
    await settled();
    expect(screen.text).toBe('/> ab');
  });

  it('lists no more than there is room for', async () => {
    const many = Array.from({ length: 500 }, (_, n) => ({ text: `m${n}`, description: 'x' }));
    const { editor, type, screen } = onTerminal({
      complete: () => Promise.resolve({ start: 0, end: 0, candidates: many, isPartial: true }),
    });
    void editor.read();
    await type('\t');
    expect(screen.rows.length).toBeLessThanOrEqual(10);
    expect(screen.rows[0]).toBe('/> m');
    expect(screen.rows.at(-1)).toBe('…');
    expect(screen.text).toMatch(/… \d+ more rows/);
  });
});

describe('between two lines', () => {
  it('what is typed waits for the next, and ^C is for what runs', async () => {
    const { editor, type, interrupts, line } = onTerminal();
    await type('ahead ');
    expect(await line('typed')).toEqual({ kind: 'line', text: 'ahead typed' });
    await type('dropped\x03\x1a');
    expect(interrupts).toEqual(['interrupt', 'suspend']);
    const next = editor.read();
    await type('\r');
    expect(await next).toEqual({ kind: 'line', text: '' });
  });

  it('a secret is asked for without showing it', async () => {
    const { editor, type, screen } = onTerminal({ history: ['s3cr3t of before'] });
    const answer = editor.ask('password: ', { isHidden: true });
    await type('s3cr3t\t');
    expect(screen.text).toBe('password:');
    await type('\r');
    expect(await answer).toBe('s3cr3t');
    expect(screen.text).toBe('password:');
    const left = editor.ask('again: ');
    const refused = expect(left).rejects.toThrow();
    await type('\x03');
    await refused;
  });

  it('the end of the input ends the reading, now and later', async () => {
    const { editor, input } = onTerminal();
    const reading = editor.read();
    input.end();
    expect(await reading).toEqual({ kind: 'end' });
    expect(await editor.read()).toEqual({ kind: 'end' });
  });
});
