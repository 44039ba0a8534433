import type { JsonObject } from './json.js';
import { sampleOfPattern } from './pattern-sample.js';

const FORMATS = new Map([
  ['date-time', '2026-01-01T12:00:00Z'],
  ['date', '2026-01-01'],
  ['time', '12:00:00Z'],
  ['duration', 'PT1H'],
  ['email', 'person@example.org'],
  ['hostname', 'host.example.org'],
  ['ipv4', '192.0.2.1'],
  ['ipv6', '2001:db8::1'],
  ['uri', 'https://example.org/'],
  ['uri-reference', '/path'],
  ['url', 'https://example.org/'],
  ['uuid', '123e4567-e89b-42d3-a456-426614174000'],
  ['json-pointer', '/a/0'],
  ['regex', '^a$'],
]);
const MAX_LENGTH = 100_000;

/** A text of the wanted format, pattern or length. */
export function exampleText(schema: JsonObject): string {
  const { format, pattern, minLength, maxLength } = schema;
  const known = typeof format === 'string' ? FORMATS.get(format) : undefined;
  if (known !== undefined) return known;
  const least = typeof minLength === 'number' ? Math.min(minLength, MAX_LENGTH) : 0;
  if (typeof pattern === 'string') {
    const sample = sampleOfPattern(pattern, least);
    if (sample !== null) return sample;
  }
  const most = typeof maxLength === 'number' ? maxLength : Infinity;
  return 'text'.padEnd(least, 'x').slice(0, most);
}
