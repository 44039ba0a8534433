import { isAbsolute, join, normalize, sep } from 'node:path';

export interface Roots {
  readonly root: string;
  readonly allowedRoots: readonly string[];
}

// eslint-disable-next-line no-control-regex -- a name with one is read as another by the system
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Where a file is to lie.
 *
 * @throws Error for a name that leads out, and a path outside of the roots
 */
export function targetPath(
  name: string,
  path: string | null,
  { root, allowedRoots }: Roots,
): string {
  assertName(name);
  if (path === null) return join(root, name);
  if (CONTROL.test(path))
    throw new Error(`path ${JSON.stringify(path)} contains a control character`);
  if (!isAbsolute(path) || normalize(path) !== path || path.endsWith(sep)) {
    throw new Error(`path ${path} is not absolute and plain, without "..", "." and "//"`);
  }
  const isInside = [root, ...allowedRoots].some((one) => path.startsWith(withEnd(one)));
  if (isInside) return path;
  throw new Error(`path ${path} lies outside of the roots: add its folder to etcd.allowed-roots`);
}

/** @throws Error for a name of a file that is not plainly below its folder */
function assertName(name: string): void {
  const parts = name.split('/');
  if (CONTROL.test(name))
    throw new Error(`name ${JSON.stringify(name)} contains a control character`);
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new Error(`name ${JSON.stringify(name)} is not a plain path below the root`);
  }
}

const withEnd = (folder: string): string => (folder.endsWith(sep) ? folder : folder + sep);
