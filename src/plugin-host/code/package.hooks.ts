/**
 * How packages of a plugin's own `node_modules` come to the server's copies of what both use, run by
 * Node for each import: in a thread of its own where {@link initialize} is called, else beside it.
 */
export interface SharingRule {
  /** A file of the server, from which its packages are found. */
  readonly server: string;
  /** The folders of the server's packages: what lies there finds them by itself. */
  readonly serverFolders: readonly string[];
  /** Source of the expression that says which packages are shared. */
  readonly shared: string;
}

interface Context {
  readonly parentURL?: string;
}
type Next<T> = (specifier: string, context: Context) => T;

let rule: SharingRule | null = null;

export function initialize(given: SharingRule): void {
  rule = given;
}

/** Node's `resolve` hook of a thread. */
export async function resolve(
  specifier: string,
  context: Context,
  next: Next<Promise<unknown>>,
): Promise<unknown> {
  if (rule === null || !isRedirected(rule, specifier, context.parentURL))
    return next(specifier, context);
  try {
    return await next(specifier, { ...context, parentURL: rule.server });
  } catch {
    return next(specifier, context); // the server has no such package
  }
}

/** The same for hooks that run where the import does. */
export function resolveHere(given: SharingRule) {
  return <T>(specifier: string, context: Context, next: Next<T>): T => {
    if (!isRedirected(given, specifier, context.parentURL)) return next(specifier, context);
    try {
      return next(specifier, { ...context, parentURL: given.server });
    } catch {
      return next(specifier, context);
    }
  };
}

/** Whether it is a package of a plugin's that asks, for one that the server shares. */
export function isRedirected(
  { shared, serverFolders }: SharingRule,
  specifier: string,
  parent = '',
): boolean {
  return (
    new RegExp(shared).test(specifier) &&
    parent.includes('/node_modules/') &&
    !serverFolders.some((folder) => parent.startsWith(folder))
  );
}
