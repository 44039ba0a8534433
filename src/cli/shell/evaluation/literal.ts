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

/** In single quotes nothing means anything; what cannot stand in them is escaped. */
function quoted(text: string): string {
  if (!/['\p{Cc}]/u.test(text)) return `'${text}'`;
  const escaped = text.replace(/["\\$]/g, String.raw`\$&`).replace(/\p{Cc}/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}
