import { createRequire } from 'node:module';
import * as sdk from '../../sdk/index.js';
import { tryResolve } from './try-resolve.js';

/**
 * Packages that a plugin and the server must share: their decorators and classes are compared by
 * identity, and a second copy would make every `instanceof` and every injection token a stranger.
 */
export const SHARED =
  /^(?:dispatcher|@nestjs\/[^/]+|class-validator|class-transformer|reflect-metadata|rxjs)(?:\/|$)/;

// Packages written as ES modules, handed over as the server imported them; what only some of the programs with plugins have
// is added by `shareModule`. The others are CommonJS or rarely used: requiring them gives the server's copy too.
const IMPORTED = new Map<string, unknown>([['dispatcher', sdk]]);

/** Loads by the server's own node_modules, wherever the plugin lies. */
export const requireFromServer = createRequire(import.meta.url);

const answers = new Map<string, boolean>();

/** Whether the server's copy is meant: of what it has; a Nest module that it has not is the plugin's own. */
export function isSharedModule(specifier: string): boolean {
  if (!SHARED.test(specifier)) return false;
  if (IMPORTED.has(specifier)) return true;
  const known = answers.get(specifier);
  if (known !== undefined) return known;
  const isHad = tryResolve(requireFromServer, specifier) !== null;
  if (isHad) answers.set(specifier, true); // what is missing may be installed later
  return isHad;
}

/** From now on code that imports `specifier` gets these exports, and not a second copy of them. */
export function shareModule(specifier: string, exports: unknown): void {
  IMPORTED.set(specifier, exports);
}

export function requireShared(specifier: string): unknown {
  return IMPORTED.get(specifier) ?? requireFromServer(specifier);
}
