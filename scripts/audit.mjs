// Asks the registry what is known about the versions in package-lock.json. Fails for what the product contains and is
// of level high or above; where the registry answers no such question, says so and ends well.
import { spawnSync } from 'node:child_process';

const GRAVE = new Set(['high', 'critical']);

/** What `npm audit --json` said: advisories by package, or why there is no answer. */
export function readAudit(text) {
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    return { skipped: 'npm audit printed no JSON' };
  }
  if (answer.vulnerabilities === undefined) {
    const reason = answer.message ?? answer.error?.summary;
    const status = answer.statusCode === undefined ? '' : `HTTP ${answer.statusCode}`;
    return { skipped: [status, reason].filter(Boolean).join(' ') || 'no answer' };
  }
  const found = Object.values(answer.vulnerabilities).map(({ name, severity, range }) => ({
    name,
    severity,
    range,
  }));
  return { found, grave: found.filter(({ severity }) => GRAVE.has(severity)) };
}

/** The lines to print and the exit status. */
export function reportOf(audit) {
  if (audit.skipped !== undefined) {
    return { lines: [`audit skipped: the registry does not answer (${audit.skipped})`], status: 0 };
  }
  const lines = audit.found.map(({ name, severity, range }) => `${severity}: ${name} ${range}`);
  lines.push(`${audit.found.length} known, ${audit.grave.length} of them high or critical`);
  return { lines, status: audit.grave.length === 0 ? 0 : 1 };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { stdout } = spawnSync('npm', ['audit', '--json', '--package-lock-only', '--omit=dev'], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  const { lines, status } = reportOf(readAudit(stdout ?? ''));
  for (const line of lines) console.log(line);
  process.exitCode = status;
}
