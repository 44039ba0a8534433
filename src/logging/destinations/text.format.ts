const COLOURS: ReadonlyMap<string, number> = new Map([
  ['fatal', 31],
  ['error', 31],
  ['warn', 33],
  ['info', 32],
]);
const DIM = 2;

/**
 * A line of the log as a person reads it: time, level, who, message, fields. Colour only adds to what
 * the words say. What came from outside cannot steer the terminal: control characters are escaped.
 */
export function textFormat({
  hasColour,
}: {
  readonly hasColour: boolean;
}): (line: string) => string {
  const paint = (text: string, colour: number): string =>
    hasColour ? `\x1b[${colour}m${text}\x1b[0m` : text;
  return (line) => {
    // `cause` ties the lines of a call together, for programs
    const { time, level, component, plugin, msg, error, cause, ...fields } = JSON.parse(
      line,
    ) as Record<string, unknown>;
    const name = wordOf(level);
    const who = plugin === undefined ? wordOf(component) : `${wordOf(component)} ${wordOf(plugin)}`;
    const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
    const head = `${paint(clock(wordOf(time)), DIM)} ${paint(name.toUpperCase().padEnd(5), COLOURS.get(name) ?? DIM)}`;
    return `${head} ${printable(who)}: ${printable(wordOf(msg))}${paint(printable(rest.join('')), DIM)}${stackOf(error)}\n`;
  };
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function clock(time: string): string {
  return new Date(time).toTimeString().slice(0, 8);
}

/** The stack of an error, indented; its message alone where it has none. */
function stackOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { stack, message } = error as { stack?: unknown; message?: unknown };
  const text = wordOf(stack) === '' ? wordOf(message) : wordOf(stack);
  return text
    .split('\n')
    .map((line) => `\n    ${printable(line)}`)
    .join('');
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, '0');
    return `\\x${code}`;
  });
}
