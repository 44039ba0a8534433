/** A text in quotes, so that a line of the shell means it whatever is in it. In single ones nothing means anything. */
export function quoted(text: string): string {
  if (!/['\p{Cc}]/u.test(text)) return `'${text}'`;
  const escaped = text.replace(/["\\$]/g, String.raw`\$&`).replace(/\p{Cc}/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}
