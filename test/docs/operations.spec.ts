import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ServerMessage, serverMessages } from '../../scripts/server-messages.mjs';

const PAGE = fileURLToPath(new URL('../../docs/operations.md', import.meta.url));
/** Said to whoever calls, or only if the server itself is wrong: nothing an operator can mend. */
const NOT_FOR_OPERATORS = new Set([
  'Collection …: more than … rows to sort by …: declare an index on it',
  'Collection …: no row with id …',
  'a value is too long to be indexed',
  'the row is too big',
  'the store is not open',
]);

let page: string;
let messages: readonly ServerMessage[];

beforeAll(async () => {
  page = await readFile(PAGE, 'utf8');
  messages = serverMessages();
});

/** What stands in the first column of the tables below a heading, as code. */
function messagesBelow(heading: string): string[] {
  const [, section = ''] = page.split(`${heading}\n`);
  const [table = ''] = section.split(/\n##+ /);
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) =>
    Array.from((row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g), ([, text = '']) => text),
  );
}

const written = (...levels: string[]): string[] =>
  messages
    .filter(({ level, text }) => levels.includes(level) && !NOT_FOR_OPERATORS.has(text))
    .map(({ text }) => text)
    .sort();

describe('the operating guide', () => {
  it.each([
    ['### fatal', ['fatal']],
    ['### error', ['error']],
    ['### warn', ['warn']],
    ['### info', ['info']],
  ])(
    'explains under "%s" every such line that the server can write, and no other',
    (heading, levels) => {
      expect(messagesBelow(heading).sort()).toEqual(written(...levels));
    },
  );

  it('explains every reason not to start, and no other', () => {
    expect(messagesBelow('## When it does not start').sort()).toEqual(written('start'));
  });

  it('points to pages that are there', async () => {
    const links = Array.from(page.matchAll(/\]\((?!https?:)([^)#]+)/g), ([, path = '']) => path);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      await expect(readFile(new URL(link, `file://${PAGE}`)), link).resolves.toBeDefined();
    }
  });
});
