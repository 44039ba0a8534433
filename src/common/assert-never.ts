/** Marks a branch that a closed union cannot reach; the compiler objects when a member is added. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${String(value)}`);
}
