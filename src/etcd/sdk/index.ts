/**
 * What authors of renderers import (`dispatcher/etcd`): base classes, decorators, and the helpers that
 * keep values from becoming directives. Runs in the process that renders; nothing of the rest is in it.
 */
export { declarationOf, type Declaration, file, type FileOptions, fileSet } from './decorators.js';
export {
  type AnyRenderer,
  bindRenderer,
  type Content,
  type Facts,
  FileRenderer,
  FileSetRenderer,
  type RendererContext,
} from './file-renderer.js';
export { isSecret, Secret } from './secret.js';
export {
  comment,
  ini,
  type IniValue,
  lines,
  quoteIni,
  quoteShell,
  unsafeCharacter,
} from './text.js';
