// Installs what the tests want of Debian, where it is missing and can be had: as root, with apt.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const APT = '/usr/bin/apt-get';

/** Package, what it has to put there, and the tests that are skipped without it. A row for each. */
const WANTED = [
  { name: 'rsyslog', file: '/usr/sbin/rsyslogd', tests: 'of a real syslog daemon' },
  { name: 'debootstrap', file: '/usr/sbin/debootstrap', tests: 'of the package on a clean Debian' },
  { name: 'lintian', file: '/usr/bin/lintian', tests: 'of what Debian’s own check says' },
  { name: 'nats-server', file: '/usr/sbin/nats-server', tests: 'of several nodes over NATS' },
  { name: 'chromium', file: '/usr/bin/chromium', tests: 'of the console in a browser' },
];

function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(APT, args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
}

/** Says what stays away; the tests that need it are skipped then, and counted as such. */
export function ensureDebianPackages(wanted = WANTED) {
  const missing = wanted.filter(({ file }) => !existsSync(file));
  if (missing.length === 0) return;
  const mayInstall = existsSync(APT) && process.getuid?.() === 0;
  const names = missing.map(({ name }) => name);
  if (mayInstall) {
    console.error(`Installing ${names.join(', ')} for the tests ...`);
    if (apt('update')) apt('install', '-y', '--no-install-recommends', ...names);
  }
  for (const { name, file, tests } of missing) {
    if (!existsSync(file)) console.error(`No ${name}: the tests ${tests} are skipped`);
  }
}
