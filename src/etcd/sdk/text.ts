// eslint-disable-next-line no-control-regex -- what would change the meaning of a file is what is looked for
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/;
// eslint-disable-next-line no-control-regex -- as above, without the line breaks
const CONTROL_IN_LINES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

/** Half a sentence on the first character that could change the meaning of a file; null: there is none. */
export function unsafeCharacter(text: string): string | null {
  const found = CONTROL.exec(text)?.[0];
  if (found === undefined) return null;
  if (found === '\n' || found === '\r') return 'contains a line break';
  if (found === '\0') return 'contains a NUL character';
  return `contains the control character U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * Lines of a file, one for each item; an item may hold several.
 *
 * @throws Error for another control character than a line break
 * @example
 * lines(['search lan', 'nameserver 10.0.0.1']) // 'search lan\nnameserver 10.0.0.1'
 */
export function lines(items: string | readonly string[]): string {
  const text = (typeof items === 'string' ? [items] : items).join('\n').replaceAll('\r\n', '\n');
  if (CONTROL_IN_LINES.test(text)) throw new Error('a line contains a control character');
  return text;
}

/**
 * One word for a POSIX shell, whatever is in the text.
 *
 * @throws Error for a NUL, which no word can hold
 */
export function quoteShell(text: string): string {
  if (text.includes('\0')) throw new Error('a word of a shell cannot contain a NUL character');
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', String.raw`\"`],
  ['\\', String.raw`\\`],
  ['\n', String.raw`\n`],
  ['\r', String.raw`\r`],
  ['\t', String.raw`\t`],
]);

/** A value in double quotes, with backslashes before what would end it. @throws Error for other control characters */
export function quoteIni(text: string): string {
  const quoted = text.replace(/["\\\n\r\t]/g, (found) => ESCAPES.get(found) ?? found);
  const problem = unsafeCharacter(quoted);
  if (problem !== null) throw new Error(`a value ${problem}`);
  return `"${quoted}"`;
}

export type IniValue = string | number | boolean | null | undefined;

/**
 * Sections of `key = value`; null and undefined are left out, true and false are `yes` and `no`.
 *
 * @throws Error for a line break in a name or a value
 * @example
 * ini({ global: { workgroup: 'LAN', 'guest ok': false } }) // '[global]\nworkgroup = LAN\nguest ok = no\n'
 */
export function ini(
  sections: Readonly<Record<string, Readonly<Record<string, IniValue>>>>,
): string {
  return Object.entries(sections)
    .map(([name, values]) => {
      const head = name === '' ? '' : `[${plain(name)}]\n`;
      return head + Object.entries(values).flatMap(iniLine).join('');
    })
    .join('\n');
}

function iniLine([key, value]: [string, IniValue]): string[] {
  if (value === null || value === undefined) return [];
  const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  return [`${plain(key)} = ${plain(text)}\n`];
}

function plain(text: string): string {
  const problem = unsafeCharacter(text);
  if (problem !== null) throw new Error(`${JSON.stringify(text.slice(0, 40))} ${problem}`);
  return text;
}

/** Each line behind what begins a comment. */
export function comment(text: string, mark = '#'): string {
  return lines(text)
    .split('\n')
    .map((line) => `${mark} ${line}`.trimEnd())
    .join('\n');
}
