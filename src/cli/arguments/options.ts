/** The options of a command line, by their names without dashes. */
export class Options {
  constructor(private readonly given: ReadonlyMap<string, readonly string[]>) {}

  /** The same, with others that count instead. */
  with(others: readonly (readonly [name: string, value: string])[]): Options {
    return new Options(
      new Map([...this.given, ...others.map(([name, value]) => [name, [value]] as const)]),
    );
  }

  has(name: string): boolean {
    return this.given.has(name);
  }

  /** The last one given counts. */
  text(name: string): string | null {
    return this.given.get(name)?.at(-1) ?? null;
  }

  all(name: string): readonly string[] {
    return this.given.get(name) ?? [];
  }
}
