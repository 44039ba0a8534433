import { quoted } from '../grammar/index.js';

/** A value as it is written in a line of the shell, so that it means the same whatever is in it. */
export function shellLiteral(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(shellLiteral).join(', ')}]`;
  const entries = Object.entries(value).map(([name, item]) => {
    return `${quoted(name)}: ${shellLiteral(item)}`;
  });
  return `{${entries.join(', ')}}`;
}
