/** One thing that is wrong: where (a key such as `dispatcher.websocket-port`) and what. */
export interface Problem {
  readonly where: string;
  readonly what: string;
}

/**
 * The configuration or the command line cannot be used. The message is for the operator as it is:
 * one line for each problem, without a stack.
 *
 * @example
 * throw new ConfigurationError(['/etc/middleware.conf:3:7: expected a comma']);
 */
export class ConfigurationError extends Error {
  constructor(
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(problems.join('\n'), options);
    this.name = 'ConfigurationError';
  }
}

/** Does nothing when there are no problems. @throws ConfigurationError naming each of them */
export function refuse(source: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  throw new ConfigurationError(problems.map(({ where, what }) => `${source}: ${where}: ${what}`));
}
