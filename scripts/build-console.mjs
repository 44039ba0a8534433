// Builds the web console into dist/console, unless it is there already and nothing it is made of has changed.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(root, 'dist/console/.stamp');
const SOURCES = ['console', 'src/client', 'src/common', 'package-lock.json'];

/** Of contents, not of times: a checkout gives every file a new time. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const path of filesOf(join(root, source))) {
      hash.update(path.slice(root.length)).update(readFileSync(path));
    }
  }
  return hash.digest('hex');
}

function filesOf(path) {
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .filter(({ name }) => !name.endsWith('.spec.ts'))
    .flatMap(({ name }) => filesOf(join(path, name)));
}

function stamp() {
  try {
    return readFileSync(STAMP, 'utf8');
  } catch {
    return '';
  }
}

const wanted = fingerprint();
if (stamp() !== wanted) {
  const { build } = await import('vite'); // costs more than the check, so only when needed
  await build({ configFile: join(root, 'console/vite.config.ts') });
  writeFileSync(STAMP, wanted);
}
