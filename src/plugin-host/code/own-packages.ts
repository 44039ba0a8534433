import { existsSync, readFileSync } from 'node:fs';
import Module, { createRequire, isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isFileSpecifier, resolveFile } from './file-resolver.js';
import { isSharedModule } from './host-modules.js';
import { isOfServer, shareWithPackages } from './package-sharing.js';
import { tryResolve } from './try-resolve.js';

/** How the compiler writes every import. */
const REQUIRE = /\brequire\((["'])([^"'\n]+)\1\)/g;

/** Versions of Node without them ask no hook when an ES module is required: it has to be imported before. */
const HAS_HOOKS_FOR_REQUIRE = 'registerHooks' in Module;

/**
 * Loads the ES modules among a plugin's own packages in the one way in which Node lets them have the
 * server's copies; whoever requires them later is given what is there. Does nothing, and costs
 * nothing, for a plugin without packages of its own.
 *
 * @param codeOf - the compiled text of one of the plugin's files
 * @throws (rejects with) what a package throws, and what `codeOf` does
 */
export async function importOwnPackages(
  entry: string,
  codeOf: (file: string) => string,
): Promise<void> {
  if (HAS_HOOKS_FOR_REQUIRE || !hasOwnPackages(entry)) return;
  const files = new Set([entry]);
  for (const file of files) {
    for (const [, , specifier = ''] of codeOf(file).matchAll(REQUIRE)) {
      if (isFileSpecifier(specifier)) addFile(files, specifier, file);
      else await importPackage(specifier, file);
    }
  }
}

function hasOwnPackages(entry: string): boolean {
  const folders = createRequire(entry).resolve.paths('any') ?? [];
  return folders.some((folder) => !isOfServer(folder) && existsSync(folder));
}

/** What cannot be found is told by whoever really imports it. */
function addFile(files: Set<string>, specifier: string, importer: string): void {
  let file: string;
  try {
    file = resolveFile(specifier, importer);
  } catch {
    return;
  }
  if (/\.[mc]?[tj]s$/.test(file)) files.add(file);
}

async function importPackage(specifier: string, importer: string): Promise<void> {
  if (isBuiltin(specifier) || isSharedModule(specifier)) return;
  const path = tryResolve(createRequire(importer), specifier);
  if (path === null || isOfServer(path) || !isEsModule(path)) return;
  shareWithPackages(path);
  await import(pathToFileURL(path).href);
}

/** By the rules of Node: the ending, else the nearest package.json. */
function isEsModule(path: string): boolean {
  if (!path.endsWith('.js')) return path.endsWith('.mjs');
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest))
      return (JSON.parse(readFileSync(manifest, 'utf8')) as { type?: string }).type === 'module';
    if (folder === dirname(folder)) return false;
  }
}
