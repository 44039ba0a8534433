import { description } from 'dispatcher';
import { file, FileRenderer } from 'dispatcher/etcd';

interface SudoUser {
  readonly account: string;
  readonly commands: readonly string[];
  readonly no_password: boolean;
}

const ACCOUNT = /^[a-z_][a-z0-9_-]{0,31}$/;
const COMMAND = /^(ALL|(\/[A-Za-z0-9_@+.-]+)+( [A-Za-z0-9_@+./-]+)*)$/;

/** Who may run what as root; looked at once more before it is asked of visudo. */
@description('Accounts that may use sudo')
@file({
  groups: ['accounts'],
  enabled: { config: 'etc.sudoers' },
  mode: '0440',
  validate: ['visudo', '-c', '-q', '-f', '{path}'],
})
export default class Sudoers extends FileRenderer {
  override async render(): Promise<string> {
    const users = await this.query<SudoUser>('etc.sudo_users', [], { sort: 'account' });
    return users.map((user) => `${lineOf(user)}\n`).join('');
  }
}

function lineOf({ account, commands, no_password: isOpen }: SudoUser): string {
  if (!ACCOUNT.test(account)) throw new Error(`${JSON.stringify(account)} is no account`);
  const wrong = commands.find((command) => !COMMAND.test(command));
  if (wrong !== undefined || commands.length === 0) {
    throw new Error(`${JSON.stringify(wrong ?? '')} is no command for ${account}`);
  }
  return `${account} ALL=(ALL:ALL) ${isOpen ? 'NOPASSWD: ' : ''}${commands.join(', ')}`;
}
