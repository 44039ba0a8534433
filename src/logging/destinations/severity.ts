/** Severities of syslog by our levels. `trace` and `debug` share one: there is none below. */
const SEVERITIES: ReadonlyMap<string, number> = new Map([
  ['fatal', 2],
  ['error', 3],
  ['warn', 4],
  ['info', 6],
  ['debug', 7],
  ['trace', 7],
]);
const INFORMATIONAL = 6;

/** The level stands first in each line; to parse the whole of it would cost more than to send it. */
const LEVEL = /^\{"level":"(\w+)"/;

export function severityOf(line: string): number {
  return SEVERITIES.get(LEVEL.exec(line)?.[1] ?? '') ?? INFORMATIONAL;
}
