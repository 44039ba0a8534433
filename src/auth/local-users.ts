import { readFile } from 'node:fs/promises';
import { emptyIfMissing } from './missing-file.js';

/** The accounts of the machine. */
export interface LocalUsers {
  /**
   * The uid of a user name; null when the machine has no such user.
   *
   * @throws Error when the accounts cannot be read
   */
  uidOf(name: string): Promise<number | null>;
}

/** Accounts of /etc/passwd: local ones, on purpose, for no directory service may make a user local. */
export class PasswdUsers implements LocalUsers {
  constructor(private readonly path = '/etc/passwd') {}

  async uidOf(name: string): Promise<number | null> {
    const text = await readFile(this.path, 'utf8').catch(emptyIfMissing);
    for (const line of text.split('\n')) {
      const [user, , uid] = line.split(':');
      if (user === name && uid !== undefined && /^\d+$/.test(uid)) return Number(uid);
    }
    return null;
  }
}
