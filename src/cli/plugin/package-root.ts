import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface OwnPackage {
  readonly name: string;
  readonly version: string;
}

/** The folder of the product's own package, of which this file is a part. */
export const PACKAGE_ROOT = dirname(findManifest(dirname(fileURLToPath(import.meta.url))));

export function ownPackage(): OwnPackage {
  return JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as OwnPackage;
}

/** The same place from the sources as from what is compiled of them. */
function findManifest(folder: string): string {
  const manifest = join(folder, 'package.json');
  try {
    readFileSync(manifest);
    return manifest;
  } catch {
    if (dirname(folder) === folder) throw new Error('The package of the dispatcher is incomplete');
    return findManifest(dirname(folder));
  }
}
