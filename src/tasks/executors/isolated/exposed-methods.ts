type Asked = (...args: unknown[]) => unknown;

/** A part of the server by the names of what can be asked of it. */
export type ExposedMethods = ReadonlyMap<string, Asked>;

/**
 * A method whose arguments come over the process boundary, from a class of the task-worker folder
 * that has the same signature. What sends others breaks its own task.
 */
export function asked(method: (...args: never[]) => unknown): Asked {
  return method as Asked;
}

/** The named methods of `target`, and no others. */
export function methodsOf<T extends object>(
  target: T,
  names: readonly (keyof T & string)[],
): [string, Asked][] {
  return names.map((name) => [name, (...args) => (target[name] as Asked).apply(target, args)]);
}
