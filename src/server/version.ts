import { readFileSync } from 'node:fs';

// Three folders up from the compiled file, two from its source
const PACKAGE = import.meta.url.endsWith('.ts') ? '../../package.json' : '../../../package.json';

/** The product's version, as its package says. */
export function version(): string {
  const file = new URL(PACKAGE, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
