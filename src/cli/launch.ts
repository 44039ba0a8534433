import * as nodeModule from 'node:module';

/** Node keeps what it has compiled, from 22 on: the next command starts sooner. */
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();

/**
 * One file in place of a hundred, as `npm run build` makes it, for reading files is most of what a start
 * takes; without it the same program in its parts.
 */
const BUNDLE = new URL('../../cli/program.js', import.meta.url).href;

try {
  await import(BUNDLE);
} catch (error) {
  const { code, url } = error as { readonly code?: string; readonly url?: string };
  if (code !== 'ERR_MODULE_NOT_FOUND' || url !== BUNDLE) throw error;
  await import('./program.js');
}
