/** `npm run bench`: measures the product against its references and says which targets are met. */
import { type BenchOptions, readOptions, USAGE } from './options.js';
import { describeMachine } from './report/machine.js';
import { documentOf, writeResults } from './report/results-file.js';
import { renderTable } from './report/table.js';
import { selectRows } from './rows/index.js';
import type { Row, RowResult } from './rows/row.js';

async function bench(options: BenchOptions, rows: readonly Row[]): Promise<void> {
  const machine = describeMachine();
  const results: RowResult[] = [];
  for (const row of rows) {
    results.push(...(await runRow(row, options)));
  }
  const document = documentOf(machine, options, results);
  const file = writeResults(document);
  console.log(options.json ? JSON.stringify(document, null, 2) : renderTable(machine, results));
  console.error(`\nwritten to ${file}`);
  // A missed target is a finding; a measurement that could not be made is a failure.
  if (results.some(({ goal }) => goal === undefined)) process.exitCode = 1;
}

/** A row that breaks must not cost the reader the rows that were measured. */
async function runRow(row: Row, options: BenchOptions): Promise<readonly RowResult[]> {
  try {
    return await row.run({ options, progress: (text) => console.error(`... ${text}`) });
  } catch (error) {
    const note = error instanceof Error ? error.message : String(error);
    return [{ row: row.name, work: row.name, lines: [], notes: [note] }];
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  const options = readOptions(process.argv.slice(2));
  await bench(options, selectRows(options.only));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exit(2);
}
