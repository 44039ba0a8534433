import { onTestFinished } from 'vitest';
import { PlainClient, type WireFrame } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

/** A plugin whose methods and tasks ask for every kind of role, and that writes users as plugins do. */
const PLUGIN = `
import { accepts, description, h, Plugin, Provider, private as internal, provider, requireRoles, returns, type Sender, sender } from 'dispatcher';

@description('Doors') @provider('door')
export class DoorProvider extends Provider {
  @accepts() @returns(String) open() { return 'open'; }
  @accepts() @returns(String) @requireRoles('reader') look() { return 'look'; }
  @accepts() @returns(String) @requireRoles('operator') push() { return 'push'; }
  @accepts() @returns(String) @requireRoles('admin') blast() { return 'blast'; }
  @accepts() @returns(String) @internal() secret() { return 'secret'; }
  @accepts() @returns(h.array(String)) roles(@sender() caller: Sender) { return [...caller.roles]; }

  @accepts(String, Object) @returns(null) @requireRoles('admin')
  async patchUser(username: string, patch: object) {
    const row = await this.datastore.getOne('users', [['username', '=', username]]);
    await this.datastore.update('users', row.id, patch);
    return null;
  }
}
@Plugin({ providers: [DoorProvider] })
export default class {}
`;

export const PASSWORD = 'correct horse';
/** What is wrong with a login, whoever asks. */
export const BAD_CREDENTIALS = {
  code: 13,
  name: 'EACCES',
  message: 'Incorrect username or password',
};
export const INSUFFICIENT = { code: 13, name: 'EACCES', message: 'Insufficient privileges' };

/** Logs in with a password that is checked, as from afar. */
export function login(
  client: PlainClient,
  username: string,
  password: string,
  more: object = {},
): Promise<WireFrame> {
  const args = { username, password: { $password: password }, check_password: true, ...more };
  return client.request('rpc', 'auth', args);
}

/** A server with users, and clients that end with the test. */
export class PrincipalsServer {
  private constructor(readonly server: PluginServer) {}

  static async start(dispatcher: object = {}): Promise<PrincipalsServer> {
    const settings = { dispatcher: { 'shipped-plugins': false, ...dispatcher } };
    return new PrincipalsServer(await PluginServer.start({ 'door/index.ts': PLUGIN }, settings));
  }

  get log(): readonly string[] {
    return this.server.process.log;
  }

  async stranger(options: object = {}): Promise<PlainClient> {
    const client = await PlainClient.connect(this.server.process.url, options);
    onTestFinished(() => client.close());
    return client;
  }

  async admin(): Promise<PlainClient> {
    const client = await PlainClient.loggedIn(this.server.process.url);
    onTestFinished(() => client.close());
    return client;
  }

  /** A user who goes with the test, and an admin to change it. */
  async user(username: string, ...roles: string[]): Promise<PlainClient> {
    const admin = await this.admin();
    await admin.result('account.create', { username, password: { $password: PASSWORD }, roles });
    onTestFinished(async () => {
      const late = await PlainClient.loggedIn(this.server.process.url);
      await late.call('account.remove', username);
      await late.close();
    });
    return this.loggedIn(username);
  }

  async loggedIn(username: string, password = PASSWORD): Promise<PlainClient> {
    const client = await this.stranger();
    const reply = await login(client, username, password);
    if (reply.name !== 'response') throw new Error(JSON.stringify(reply));
    return client;
  }
}
