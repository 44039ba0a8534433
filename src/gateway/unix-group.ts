import { readFile } from 'node:fs/promises';
import { accountId } from '../auth/index.js';

/**
 * The gid of a group of this machine (/etc/group).
 *
 * @throws Error naming the group when there is none
 */
export async function groupId(group: string): Promise<number> {
  const text = await readFile('/etc/group', 'utf8').catch(() => '');
  const gid = accountId(text, group);
  if (gid === null) throw new Error(`unix-socket-group: this machine has no group ${group}`);
  return gid;
}
