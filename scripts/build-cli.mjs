// Puts the parts of dispatcherctl that every command needs into a few files: dist/cli. Expects what the compiler makes.
import { copyFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILT = `${ROOT}dist/src/`;
/** What is loaded for its own command, and knows its files by where it lies. */
const APART = new RegExp(
  `^${BUILT}(?:cli/(?:plugin|datastore|cluster-init)/|cli/shell/plugins/checked-arguments\\.js$|(?!cli|client|common|wire|config|codegen)[^/]+/)`,
);

const TALK = new RegExp(
  `^${BUILT}(?:client/|cli/(?:session|call|values|output/(?:printer|render|select|cells)|on-server|discovery/signature)|config/(?:cli-configuration|schema/|typed-values))|/node_modules/ws/`,
);
/** What a line of the shell needs; what a plugin or a terminal needs is loaded for those. */
const SHELL = new RegExp(`^${BUILT}cli/shell/(?:grammar|namespaces|stages|evaluation|shell|words)`);
const PROGRAM = `${BUILT}cli/program.js`;
const OUT = `${ROOT}dist/cli`;

/** Leaves them where they are. */
const apart = {
  name: 'apart',
  enforce: 'pre',
  resolveId(source, importer) {
    if (!source.startsWith('.') || importer === undefined) return null;
    const path = resolve(dirname(importer), source);
    return APART.test(path) ? { id: relative(OUT, path), external: true } : null;
  },
};

await build({
  root: ROOT,
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  plugins: [apart],
  ssr: { noExternal: ['ws'] },
  build: {
    ssr: true,
    target: 'node20',
    outDir: OUT,
    emptyOutDir: true,
    reportCompressedSize: false,
    minify: true,
    rolldownOptions: {
      input: PROGRAM,
      external: ['bufferutil', 'utf-8-validate'],
      treeshake: { moduleSideEffects: false },
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: '[name].js',
        // what a call needs besides the words of the command line: one file, for each costs its time
        codeSplitting: {
          groups: [
            // else the others take it, and every command reads them; the program itself waits for the command
            { name: 'base', tags: ['$initial'], test: (id) => id !== PROGRAM, priority: 2 },
            { name: 'talk', test: TALK, priority: 1 },
            { name: 'shell', test: SHELL },
          ],
        },
      },
    },
  },
});

// under the terms that its authors ask to keep with it
copyFileSync(`${ROOT}node_modules/ws/LICENSE`, `${OUT}/LICENSE.ws`);
