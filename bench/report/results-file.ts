import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchOptions } from '../options.js';
import { PATHS } from '../paths.js';
import { isMet, type RowResult } from '../rows/row.js';
import type { Machine } from './machine.js';

/** The report for programs. */
export interface BenchDocument {
  readonly machine: Machine;
  readonly options: BenchOptions;
  readonly results: readonly (RowResult & { readonly verdict: 'met' | 'missed' | 'not decided' })[];
}

export function documentOf(
  machine: Machine,
  options: BenchOptions,
  results: readonly RowResult[],
): BenchDocument {
  return { machine, options, results: results.map((row) => ({ ...row, verdict: verdictOf(row) })) };
}

/** Writes it under `bench/results`, named by its date, and answers the path. */
export function writeResults(document: BenchDocument): string {
  mkdirSync(PATHS.results, { recursive: true });
  const name = document.machine.date.replaceAll(':', '-').replace(/\..*$/, '');
  const file = join(PATHS.results, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
  return file;
}

function verdictOf({ goal }: RowResult): 'met' | 'missed' | 'not decided' {
  if (goal === undefined) return 'not decided';
  return isMet(goal) ? 'met' : 'missed';
}
