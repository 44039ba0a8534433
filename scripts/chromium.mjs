// Installs Debian's chromium for the tests of the console, where it is missing and can be had.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PATHS = [process.env.CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser'];
const APT = '/usr/bin/apt-get';

function run(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(APT, args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
}

/** True when there is a browser; else the tests that need one are skipped and counted as such. */
export function ensureChromium() {
  if (PATHS.some((path) => path !== '' && existsSync(path))) return true;
  if (!existsSync(APT) || process.getuid?.() !== 0) {
    console.error(
      'No chromium, and only root can install it here: the tests in a browser are skipped',
    );
    return false;
  }
  console.error('Installing chromium for the tests in a browser ...');
  const isInstalled = run('update') && run('install', '-y', '--no-install-recommends', 'chromium');
  if (!isInstalled)
    console.error('chromium cannot be installed: the tests in a browser are skipped');
  return isInstalled;
}
