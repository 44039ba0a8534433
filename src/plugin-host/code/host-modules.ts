import * as nestCommon from '@nestjs/common';
import * as nestCore from '@nestjs/core';
import { createRequire } from 'node:module';
import * as sdk from '../../sdk/index.js';

/**
 * Packages that a plugin and the server must share: their decorators and classes are compared by
 * identity, and a second copy would make every `instanceof` and every injection token a stranger.
 */
const SHARED =
  /^(?:dispatcher|@nestjs\/[^/]+|class-validator|class-transformer|reflect-metadata|rxjs)(?:\/|$)/;

// Packages written as ES modules, handed over as the server imported them. The others are CommonJS
// or rarely used: requiring them gives the server's copy too.
const IMPORTED = new Map<string, unknown>([
  ['dispatcher', sdk],
  ['@nestjs/common', nestCommon],
  ['@nestjs/core', nestCore],
]);

/** Loads by the server's own node_modules, wherever the plugin lies. */
export const requireFromServer = createRequire(import.meta.url);

export function isSharedModule(specifier: string): boolean {
  return SHARED.test(specifier);
}

export function requireShared(specifier: string): unknown {
  return IMPORTED.get(specifier) ?? requireFromServer(specifier);
}
