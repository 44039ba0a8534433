// Builds the web console into dist/console, unless it is there already and nothing it is made of has changed.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(root, 'dist/console/.stamp');
const SOURCES = ['console', 'src/client', 'src/common', 'src/wire', 'package-lock.json'];

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

/** What is built into the files that a browser gets, under the terms that its authors ask to keep with it. */
const BUNDLED = [
  'preact',
  '@preact/signals',
  '@preact/signals-core',
  '@cfworker/json-schema',
  '@codemirror/autocomplete',
  '@codemirror/commands',
  '@codemirror/lang-json',
  '@codemirror/language',
  '@codemirror/lint',
  '@codemirror/state',
  '@codemirror/streamparser',
  '@codemirror/view',
  '@lezer/common',
  '@lezer/highlight',
  '@lezer/json',
  '@lezer/lr',
  '@marijn/find-cluster-break',
  'crelt',
  'jsonc-parser',
  'style-mod',
  'w3c-keyname',
  '@dagrejs/dagre',
  '@dagrejs/graphlib',
  '@fontsource/ibm-plex-sans',
  '@fontsource/ibm-plex-mono',
];

function licenses() {
  return BUNDLED.map((name) => `${name}\n${'='.repeat(name.length)}\n${licenseOf(name)}`).join(
    '\n\n',
  );
}

function licenseOf(name) {
  const folder = join(root, 'node_modules', name);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8');
  return `License: ${JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).license}`;
}

const wanted = fingerprint();
if (stamp() !== wanted) {
  const { build } = await import('vite'); // costs more than the check, so only when needed
  await build({ configFile: join(root, 'console/vite.config.ts') });
  writeFileSync(join(root, 'dist/console/licenses.txt'), licenses());
  writeFileSync(STAMP, wanted);
}
