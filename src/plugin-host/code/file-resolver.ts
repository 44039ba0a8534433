import { realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENDINGS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '.node'];
const COMPILED = /\.([mc]?)js$/;

/** Tells files (`./x.js`, `../x`, `/x`, `file:`) from packages. */
export function isFileSpecifier(specifier: string): boolean {
  return /^(?:\.{1,2}(?:\/|$)|\/|file:)/.test(specifier);
}

/**
 * Finds the file that a relative import means, by the rules of TypeScript: `./x.js` is the source
 * `x.ts` when there is one, `./x` may leave out the ending, a folder means its index file.
 *
 * @param isKnown files that are there whatever the disk says
 * @throws Error naming the import and the file that contains it
 */
export function resolveFile(
  specifier: string,
  importer: string,
  isKnown: (path: string) => boolean = () => false,
): string {
  const wanted = specifier.startsWith('file:')
    ? fileURLToPath(specifier)
    : resolve(dirname(importer), specifier);
  const possible = candidates(wanted);
  const known = possible.find(isKnown);
  if (known !== undefined) return known;
  const found = possible.find(isFile);
  if (found === undefined) throw new Error(`Cannot find ${specifier}, imported by ${importer}`);
  return realpathSync(found);
}

function candidates(wanted: string): string[] {
  const sources = COMPILED.test(wanted) ? [wanted.replace(COMPILED, '.$1ts')] : [];
  return [
    ...sources,
    wanted,
    ...ENDINGS.map((ending) => wanted + ending),
    ...ENDINGS.map((ending) => join(wanted, `index${ending}`)),
  ];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
