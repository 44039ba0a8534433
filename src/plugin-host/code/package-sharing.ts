import Module, { register } from 'node:module';
import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { requireFromServer, SHARED } from './host-modules.js';
import { isRedirected, resolveHere, type SharingRule } from './package.hooks.js';

let isShared = false;

/**
 * Before the first package of a plugin's own is loaded: from then on such packages, too, are given
 * the server's copy of what it shares with plugins. Not before, for the hooks cost a thread on
 * versions of Node that run them in one.
 *
 * @param file - what is to be loaded; a package of the server's is none of a plugin's own
 */
export function shareWithPackages(file: string): void {
  if (isShared || isOfServer(file)) return;
  isShared = true;
  const rule: SharingRule = {
    server: import.meta.url,
    serverFolders: serverFolders().map((folder) => pathToFileURL(folder).href),
    shared: SHARED.source,
  };
  if ('registerHooks' in Module) {
    (Module.registerHooks as (hooks: object) => void)({ resolve: resolveHere(rule) });
    return;
  }
  register('./package.hooks.js', import.meta.url, { data: rule });
  redirectRequire(rule);
}

/** Whether it lies where the server's own packages are found. */
export function isOfServer(path: string): boolean {
  return serverFolders().some((folder) => `${path}${sep}`.startsWith(folder));
}

/** Those where Node looks for the server's packages, with what links lead to. */
function serverFolders(): readonly string[] {
  const folders = requireFromServer.resolve.paths('any') ?? [];
  return folders.flatMap((folder) => [...new Set([folder, real(folder)])]).map((f) => f + sep);
}

function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

interface Parent {
  readonly filename?: string | null;
}
type ResolveFilename = (request: string, parent: Parent | undefined, ...rest: unknown[]) => string;

/** Hooks of a thread are asked for imports alone: `require` of a package is led the same way by hand. */
function redirectRequire(rule: SharingRule): void {
  const node = Module as unknown as {
    _resolveFilename: ResolveFilename;
    _nodeModulePaths(from: string): string[];
  };
  const original = node._resolveFilename;
  const filename = fileURLToPath(rule.server);
  const server = { filename, id: filename, paths: node._nodeModulePaths(filename) };
  node._resolveFilename = function (request, parent, ...rest) {
    const from = parent?.filename == null ? '' : pathToFileURL(parent.filename).href;
    if (!isRedirected(rule, request, from)) return original.call(this, request, parent, ...rest);
    try {
      return original.call(this, request, server, ...rest);
    } catch {
      return original.call(this, request, parent, ...rest);
    }
  };
}
