import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.woff2', 'font/woff2'],
]);

/** Names below it carry a hash of their content, so a browser may keep them for good. */
const HASHED = '/assets/';
const FOR_GOOD = 'public, max-age=31536000, immutable';

interface ConsoleFile {
  readonly type: string;
  readonly body: Buffer;
}

/**
 * The web console as it was built, held in memory: a request finds a whole name in a map or nothing,
 * so there is no path to climb out of.
 */
export class ConsoleFiles {
  readonly #files = new Map<string, ConsoleFile>();

  constructor(directory: string) {
    for (const { path, name } of builtFiles(directory)) {
      const type = TYPES.get(extname(name));
      if (type !== undefined) this.#files.set(`/${name}`, { type, body: readFileSync(path) });
    }
  }

  /** Express middleware: answers what is a file of the console and passes on everything else. */
  serve(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const { method, url = '/' } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      next();
      return;
    }
    const path = url.split('?', 1)[0] ?? '/';
    if (path === '/' && this.#files.size === 0) {
      sayNotBuilt(response);
      return;
    }
    const name = path === '/' ? '/index.html' : path;
    const file = this.#files.get(name);
    if (file === undefined) {
      next();
      return;
    }
    if (name.startsWith(HASHED)) response.setHeader('Cache-Control', FOR_GOOD);
    response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': file.body.length });
    response.end(method === 'HEAD' ? undefined : file.body);
  }
}

function builtFiles(directory: string): { readonly path: string; readonly name: string }[] {
  try {
    return [...inFolder(directory, ''), ...inFolder(join(directory, 'assets'), 'assets/')];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // a build without the console
    throw error;
  }
}

function inFolder(folder: string, prefix: string) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => ({ path: join(folder, name), name: prefix + name }));
}

function sayNotBuilt(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end('The web console is not part of this build: npm run build makes it.\n');
}
