import type { FilterImplOptions } from 'liquidjs';
import { comment, isSecret, lines, quoteIni, quoteShell, Secret } from '../sdk/index.js';
import { GuardError, textOf } from './guard.js';

/** Opens a password; the file becomes a sensitive one. */
export type Reveal = (secret: Secret) => Promise<string>;

const quoting = (handler: (value: unknown, ...args: unknown[]) => unknown): FilterImplOptions => ({
  raw: true, // its result is safe by itself
  handler: (value: unknown, ...args: unknown[]) => handler(value, ...args),
});

/** What there is besides Liquid's own, and in place of some of those. */
export function filtersOf(reveal: Reveal): Readonly<Record<string, FilterImplOptions>> {
  return {
    lines: quoting((value) => lines(Array.isArray(value) ? value.map(textOf) : textOf(value))),
    json: quoting((value, space) => JSON.stringify(value, undefined, Number(space ?? 0))),
    quote_sh: quoting((value) => quoteShell(textOf(value))),
    quote_ini: quoting((value) => quoteIni(textOf(value))),
    comment: quoting((value, mark) =>
      comment(textOf(value), mark === undefined ? '#' : textOf(mark)),
    ),
    yesno: (value: unknown, yes: unknown = 'yes', no: unknown = 'no') =>
      value === true || value === 1 || value === '1' || value === 'true' ? yes : no,
    reveal: (value: unknown) => {
      if (isSecret(value)) return reveal(value);
      if (typeof value === 'string') return value; // it was none
      throw new GuardError('is no password, and has nothing to reveal');
    },
    date: refusing('date', 'a file that holds the time would change by itself'),
    sample: refusing('sample', 'a file must not change by itself'),
  };
}

function refusing(name: string, why: string): FilterImplOptions {
  return () => {
    throw new Error(`The filter ${name} is not available: ${why}`);
  };
}
