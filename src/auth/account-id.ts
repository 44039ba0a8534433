/** The number of a name in the text of /etc/passwd or /etc/group (`name:password:number:…`); null without one. */
export function accountId(text: string, wanted: string): number | null {
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':');
    if (name === wanted && id !== undefined && /^\d+$/.test(id)) return Number(id);
  }
  return null;
}
