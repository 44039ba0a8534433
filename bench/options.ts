import { parseArgs } from 'node:util';
import { PATHS } from './paths.js';

/** What the command line asked for. */
export interface BenchOptions {
  /** Names of the rows to run; empty: all. */
  readonly only: readonly string[];
  /** Length of one measured round. */
  readonly seconds: number;
  readonly rounds: number;
  /** Print the JSON document instead of the table. */
  readonly json: boolean;
  /** Record a CPU profile of the product with perf. */
  readonly profile: boolean;
  /** Entry file of the product, so that two builds can be compared. */
  readonly server: string;
  /** Entry file of another build that takes its turns in the same rounds; null: none. */
  readonly before: string | null;
}

export const USAGE = `usage: npm run bench -- [--only NAME[,NAME]] [--seconds N] [--rounds N] [--json] [--profile] [--server FILE] [--before FILE]`;

/** Reads the command line; throws an Error with a message for the user. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      seconds: { type: 'string', default: '1.5' },
      rounds: { type: 'string', default: '7' },
      json: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      server: { type: 'string', default: PATHS.product },
      before: { type: 'string' },
    },
  });
  return {
    only: values.only.flatMap((names) => names.split(',')).filter((name) => name !== ''),
    seconds: positive('--seconds', values.seconds),
    rounds: Math.ceil(positive('--rounds', values.rounds)),
    json: values.json,
    profile: values.profile,
    server: values.server,
    before: values.before ?? null,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) {
    throw new Error(`${name} must be a positive number, not "${text}"`);
  }
  return value;
}
