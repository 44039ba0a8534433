/**
 * The tree that the shell walks: namespaces made from what the server says of itself, the place where one
 * stands, and what the words of a line mean there. Asks the server for `discovery` and nothing else.
 */
export { apiOf } from './api-cache.js';
export { buildTree } from './build-tree.js';
export {
  type Callable,
  type ConfigAccess,
  type DerivedCommand,
  type Entity,
  type MethodCallable,
  type Namespace,
  type PluginCallable,
  type TaskCallable,
} from './namespace.js';
export { nearestPlace, parentOf, pathText, type Place, topOf, wordsOf } from './place.js';
export { derivedCommands, type PathWord, type Resolved, resolveWords } from './resolve-words.js';
