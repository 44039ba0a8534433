import { readFile } from 'node:fs/promises';
import { accountId } from './account-id.js';
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
    return accountId(await readFile(this.path, 'utf8').catch(emptyIfMissing), name);
  }
}
