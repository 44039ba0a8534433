import { readFile } from 'node:fs/promises';

/**
 * The gid of a group of this machine (/etc/group).
 *
 * @throws Error naming the group when there is none
 */
export async function groupId(group: string): Promise<number> {
  const text = await readFile('/etc/group', 'utf8').catch(() => '');
  for (const line of text.split('\n')) {
    const [name, , gid] = line.split(':');
    if (name === group && gid !== undefined && /^\d+$/.test(gid)) return Number(gid);
  }
  throw new Error(`unix-socket-group: this machine has no group ${group}`);
}
