/** The simple command or stage that the cursor stands in, as far as it is written. */
export interface Focus {
  /** `file`: what stands behind `>`. */
  readonly role: 'command' | 'stage' | 'file';
  /** From here on it is this command's text. */
  readonly start: number;
  /** Of a stage: the command that the rows come from. */
  readonly head: string | null;
}

interface Context {
  readonly closes: ')' | ']' | '}' | '"' | null;
  readonly isCode: boolean;
  role: Focus['role'];
  start: number;
  head: string | null;
}

/** In front of a block stands one of these; any other bracket is an object. */
const BLOCK_HEAD = /^\s*(?:for|if|try|else|each)\b/;
/** What stands before the command in the same part of the line. */
const KEYWORD = /^\s*(?:(?:if|else|try)\s+|set\s+\w+\s*=\s*(?=[A-Za-z/]\S*\s))/;

/**
 * Where the command begins whose words are being typed at the end of this text. Reads brackets and quotes, and no more: nothing
 * of it is carried out. Null within a comment.
 */
export function focusOf(text: string): Focus | null {
  const stack: Context[] = [code(null, 0)];
  const top = (): Context => stack.at(-1) ?? code(null, 0);
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    const context = top();
    if (character === '\\') {
      at += 1;
      continue;
    }
    if (character === '$' && text[at + 1] === '(') {
      stack.push(code(')', at + 2));
      at += 1;
      continue;
    }
    if (character === context.closes && stack.length > 1) {
      stack.pop();
      if (character === '}' && context.isCode) begin(top(), 'command', at + 1);
      continue;
    }
    if (context.closes === '"') continue;
    if (character === "'") {
      const end = text.indexOf("'", at + 1);
      if (end === -1) break; // a quote that is being typed is a part of the word
      at = end;
      continue;
    }
    if (character === '"') stack.push(literal('"', context));
    else if (character === '[') stack.push(literal(']', context));
    else if (character === '{') {
      const isBlock = context.isCode && BLOCK_HEAD.test(text.slice(context.start, at));
      stack.push(isBlock ? code('}', at + 1) : literal('}', context));
    } else if (context.isCode) {
      if (character === '#' && /^$|\s/.test(text[at - 1] ?? '')) {
        const end = text.indexOf('\n', at);
        if (end === -1) return null;
        at = end - 1;
      } else at += separate(context, text, at);
    }
  }
  const { role, start, head } = innermost(stack);
  const [keyword = ''] = KEYWORD.exec(text.slice(start)) ?? [];
  return { role, start: start + keyword.length, head };
}

/** @returns how many characters more it was */
function separate(context: Context, text: string, at: number): number {
  const character = text[at];
  const next = text[at + 1];
  if (character === ';' || character === '\n') begin(context, 'command', at + 1);
  else if (character === '|' && next === '|') {
    begin(context, 'command', at + 2);
    return 1;
  } else if (character === '|') {
    context.head ??= text.slice(context.start, at);
    context.role = 'stage';
    context.start = at + 1;
  } else if (character === '&' && (next === '&' || next === ' ' || next === undefined)) {
    begin(context, 'command', next === '&' ? at + 2 : at + 1);
    return next === '&' ? 1 : 0;
  } else if (character === '>' && /^$|[\s>]/.test(text[at - 1] ?? '')) {
    context.role = 'file';
    context.start = at + 1;
  }
  return 0;
}

function begin(context: Context, role: Focus['role'], start: number): void {
  context.role = role;
  context.start = start;
  context.head = null;
}

const code = (closes: Context['closes'], start: number): Context => ({
  closes,
  isCode: true,
  role: 'command',
  start,
  head: null,
});

const literal = (closes: Context['closes'], { role, start, head }: Context): Context => ({
  closes,
  isCode: false,
  role,
  start,
  head,
});

/** Within a list or a text it is the command around it. */
function innermost(stack: readonly Context[]): Context {
  return stack.findLast(({ isCode }) => isCode) ?? code(null, 0);
}
