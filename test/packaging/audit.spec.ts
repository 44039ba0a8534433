import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readAudit, reportOf } from '../../scripts/audit.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
}

const advisory = (name: string, severity: string) => ({ name, severity, range: '<1.2.3' });
const answer = (...advisories: { readonly name: string }[]) =>
  JSON.stringify({
    vulnerabilities: Object.fromEntries(advisories.map((each) => [each.name, each])),
  });

describe('npm run audit', () => {
  it.each([
    ['nothing known', answer(), 0, ['0 known, 0 of them high or critical']],
    [
      'a moderate one',
      answer(advisory('a', 'moderate')),
      0,
      ['moderate: a <1.2.3', '1 known, 0 of them high or critical'],
    ],
    [
      'a critical one',
      answer(advisory('a', 'low'), advisory('b', 'critical')),
      1,
      ['low: a <1.2.3', 'critical: b <1.2.3', '2 known, 1 of them high or critical'],
    ],
    [
      'a registry that does not answer this',
      '{"statusCode": 405, "body": "", "error": {"summary": ""}}',
      0,
      ['audit skipped: the registry does not answer (HTTP 405)'],
    ],
    [
      'no network',
      '{"message": "request to … failed", "error": {}}',
      0,
      ['audit skipped: the registry does not answer (request to … failed)'],
    ],
    ['no npm', '', 0, ['audit skipped: the registry does not answer (npm audit printed no JSON)']],
  ])('with %s', (_, text, status, lines) => {
    expect(reportOf(readAudit(text))).toEqual({ status, lines });
  });

  it('finds nothing grave in this product, or says why it cannot tell', () => {
    const output = execFileSync('node', ['scripts/audit.mjs'], { cwd: root, encoding: 'utf8' });
    expect(output).toMatch(/^audit skipped: .*\n$|\d+ known, 0 of them high or critical\n$/);
  });
});

describe('The lock file', () => {
  it('has the hash of every package, and all are from the registry', () => {
    const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
      readonly packages: Readonly<Record<string, Locked>>;
    };
    const packages = Object.entries(lock.packages).filter(
      ([path, { link, inBundle }]) => path !== '' && link !== true && inBundle !== true,
    );
    expect(packages.length).toBeGreaterThan(100);
    for (const [path, { resolved, integrity }] of packages) {
      expect(integrity, path).toMatch(/^sha512-/);
      expect(resolved ?? 'https:', path).toMatch(/^https:/);
    }
  });
});
