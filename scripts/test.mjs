// Runs everything that `npm test` promises: build, lint, types, then the tests, and ends with one line that counts them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDebianPackages } from './debian-packages.mjs';

const directory = mkdtempSync(join(tmpdir(), 'dispatcher-report-'));
const report = join(directory, 'report.json');

function run(command, ...args) {
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  return status ?? 1;
}

for (const step of ['build', 'lint', 'typecheck']) {
  if (run('npm', 'run', '--silent', step) !== 0) {
    console.error(`npm run ${step} failed: no test was run`);
    process.exit(1);
  }
}

ensureDebianPackages();
const status = run(
  'npx',
  'vitest',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
);
let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
try {
  counts = JSON.parse(readFileSync(report, 'utf8'));
} catch (error) {
  console.error(`No test report: ${error.message}`);
}
rmSync(directory, { recursive: true, force: true });

const skipped = counts.numPendingTests + counts.numTodoTests;
// A file that failed to load has no failed test of its own, and still is a failure.
const failed = counts.numFailedTests + (status !== 0 && counts.numFailedTests === 0 ? 1 : 0);
console.log(`${counts.numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
process.exit(status);
