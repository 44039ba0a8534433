import type { Invocation } from '../command.js';
import { UsageError } from '../exit-status.js';
import { onServer } from '../on-server.js';

/** Prints the values, or those at or below a key. */
export async function getSettings(invocation: Invocation): Promise<undefined> {
  const { operands } = invocation;
  await onServer(invocation, async (session, printer) => {
    await printer.print(await session.call('settings.get', operands));
  });
}

/** Changes them, all or none. @throws UsageError for a change that is none */
export async function setSettings(invocation: Invocation): Promise<undefined> {
  const values = Object.fromEntries(invocation.operands.map(assignment));
  await onServer(invocation, async ({ call }) => {
    await call('settings.set', [values]);
  });
}

/** Gives them their defaults back, all or none. */
export async function resetSettings(invocation: Invocation): Promise<undefined> {
  await onServer(invocation, async ({ call }) => {
    await call('settings.reset', [invocation.operands]);
  });
}

/** Prints what each is for, what it may be, its default, who may change it. */
export async function describeSettings(invocation: Invocation): Promise<undefined> {
  const [prefix] = invocation.operands;
  await onServer(invocation, async (session, printer) => {
    const rows = await session.call<{ readonly key: string }[]>('settings.describe');
    await printer.print(rowsBelow(rows, prefix), {
      columns: ['key', 'default', 'is_set', 'description'],
    });
  });
}

/** JSON, or else text as it stands. */
function assignment(word: string): [key: string, value: unknown] {
  const at = word.indexOf('=');
  if (at < 1) throw new UsageError(`${word}: a change is written KEY=VALUE`);
  const text = word.slice(at + 1);
  try {
    return [word.slice(0, at), JSON.parse(text) as unknown];
  } catch {
    return [word.slice(0, at), text];
  }
}

function rowsBelow<Row extends { readonly key: string }>(
  rows: readonly Row[],
  prefix: string | undefined,
): readonly Row[] {
  if (prefix === undefined) return rows;
  const isMeant = ({ key }: Row): boolean => key === prefix || key.startsWith(`${prefix}.`);
  const found = rows.filter(isMeant);
  if (found.length === 0) throw new Error(`There is no setting ${prefix}`);
  return found;
}
