import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient, type WireErrorArgs } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

/** Who may call a method, in the words of docs/users.md. Every caller of a row may call those below it. */
type Rule =
  /** Also before login. */
  | 'anybody'
  /** Whoever is logged in. */
  | 'logged in'
  /** `reader` and above. */
  | 'reader'
  /** `reader` and above, and a role with `tasks` masks: to see how its tasks end. */
  | 'reader or tasks'
  /** `operator` and above, and a role with `tasks` masks. */
  | 'operator or tasks'
  | 'operator'
  | 'admin'
  /** Plugins and services only, not `admin`. */
  | 'private';

/**
 * Every method of the server and of what is shipped with it. A method that is not here fails the test: whoever adds one says
 * here whom it is for, and in docs/users.md where it is for everybody.
 */
const RULES: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  account: {
    query: 'admin',
    create: 'admin',
    update: 'admin',
    remove: 'admin',
    change_password: 'logged in',
    create_api_key: 'logged in',
    list_api_keys: 'logged in',
    revoke_api_key: 'logged in',
  },
  datastore: {
    query: 'private',
    get_one: 'private',
    get_by_id: 'private',
    exists: 'private',
    list_collections: 'admin',
    browse: 'admin',
    browse_row: 'admin',
  },
  discovery: {
    get_services: 'logged in',
    get_methods: 'logged in',
    get_tasks: 'logged in',
    get_event_types: 'logged in',
    get_schema: 'logged in',
    get_schema_hash: 'logged in',
    get_rights: 'logged in',
  },
  event: {
    get_my_subscriptions: 'logged in',
    cursor: 'logged in',
    replay: 'logged in',
    because_of: 'logged in',
  },
  lock: {
    init: 'admin',
    acquire: 'admin',
    release: 'admin',
    is_locked: 'reader',
    get_locks: 'reader',
  },
  log: { recent: 'admin', follow: 'admin' },
  management: {
    ping: 'logged in',
    status: 'reader',
    about: 'reader',
    get_metrics_history: 'reader',
    wait_ready: 'reader',
    reload_plugins: 'admin',
    disable_plugin: 'admin',
    enable_plugin: 'admin',
    get_plugin_names: 'reader',
    get_plugins: 'reader',
    get_event_sources: 'reader',
    get_event_source_states: 'reader',
    get_connected_clients: 'reader',
    get_sender_address: 'anybody',
    kick_session: 'admin',
    own_paths: 'private',
    enable_features: 'logged in',
    get_enabled_features: 'logged in',
    get_available_features: 'logged in',
    set_logging_level: 'admin',
    get_logging_level: 'reader',
    collect_debug: 'admin',
    shutdown: 'admin',
  },
  plugin: {
    register_service: 'private',
    unregister_service: 'private',
    resume_service: 'private',
    register_schema: 'private',
    unregister_schema: 'private',
    register_event_type: 'private',
    unregister_event_type: 'private',
    wait_for_service: 'reader',
  },
  role: { query: 'admin', create: 'admin', update: 'admin', remove: 'admin' },
  session: {
    query: 'reader',
    get_live_user_sessions: 'reader',
    get_my_session_id: 'logged in',
    whoami: 'logged in',
    send_to_session: 'operator',
    send_to_all: 'operator',
  },
  schedule: {
    query: 'reader',
    create: 'operator',
    update: 'operator',
    remove: 'operator',
    run_now: 'operator',
    preview: 'reader',
  },
  settings: { describe: 'reader', get: 'reader', set: 'admin', reset: 'admin' },
  task: {
    submit: 'operator or tasks',
    submit_with_env: 'operator or tasks',
    plan: 'operator or tasks',
    status: 'reader or tasks',
    wait: 'reader or tasks',
    abort: 'operator or tasks',
    query: 'reader',
    list_resources: 'reader',
    list_executors: 'reader',
    explain: 'reader or tasks',
  },
  // the plugins that come with the server
  'etc.certificate': { query: 'reader' },
  'etc.host': { query: 'reader' },
  'etc.nginx_site': { query: 'reader' },
  'etc.ntp_server': { query: 'reader' },
  'etc.smb_share': { query: 'reader' },
  'etc.sudo_user': { query: 'reader' },
  'file.watch': { query: 'reader' },
  'network.interface': { query: 'reader' },
  'network.route': { query: 'reader' },
  'storage.device': { query: 'reader' },
  'storage.mount': { query: 'reader', resource_of_path: 'reader' },
  'storage.path': { reserve: 'private' },
  system: {
    hardware: 'reader',
    info: 'reader',
    load: 'reader',
    memory: 'reader',
    time: 'reader',
    uptime: 'reader',
  },
  'system.process': { query: 'reader' },
  // the plugin of this test: one method for each thing that a decorator may say
  door: { open: 'reader', look: 'reader', push: 'operator', blast: 'admin', hide: 'private' },
  // an external service, described over the wire, with one method that it did not describe
  'ext.door': { open: 'reader', look: 'reader', push: 'operator', blast: 'admin', hide: 'private' },
};

const PLUGIN = `
import { accepts, Plugin, Provider, private as hidden, provider, requireRoles, returns } from 'dispatcher';
@provider('door') export class DoorProvider extends Provider {
  @accepts() @returns(null) open() { return null; }
  @accepts() @returns(null) @requireRoles('reader') look() { return null; }
  @accepts() @returns(null) @requireRoles('operator') push() { return null; }
  @accepts() @returns(null) @requireRoles('admin') blast() { return null; }
  @accepts() @returns(null) @hidden() hide() { return null; }
}
@Plugin({ providers: [DoorProvider] }) export default class {}
`;

const NO_ARGUMENTS = { 'params-schema': { type: 'array', items: [] } };
const DESCRIBED = [
  { name: 'open', ...NO_ARGUMENTS },
  { name: 'look', roles: ['reader'], ...NO_ARGUMENTS },
  { name: 'push', roles: ['operator'], ...NO_ARGUMENTS },
  { name: 'blast', roles: ['admin'], ...NO_ARGUMENTS },
  { name: 'hide', private: true, ...NO_ARGUMENTS },
];

type Outcome = 'allowed' | 'Not logged in' | 'Insufficient privileges';

const LEVELS: Readonly<Record<string, readonly Rule[]>> = {
  none: ['anybody', 'logged in'],
  reader: ['anybody', 'logged in', 'reader', 'reader or tasks'],
  operator: [
    ...(['anybody', 'logged in', 'reader', 'reader or tasks', 'operator'] as const),
    'operator or tasks',
  ],
  tasks: ['anybody', 'logged in', 'reader or tasks', 'operator or tasks'],
};

const MASKS = ['door.*', 'ext.door.*', 'lock.*', 'log.recent', 'plugin.*', 'datastore.*'];
const isMasked = (method: string): boolean =>
  MASKS.some(
    (mask) => mask === method || (mask.endsWith('*') && method.startsWith(mask.slice(0, -1))),
  );

/** Callers by name: the roles that each has, and whether a rule lets it in. */
const CALLERS: Readonly<
  Record<
    string,
    { readonly roles?: readonly string[]; admits(rule: Rule, method: string): boolean }
  >
> = {
  anonymous: { admits: (rule) => rule === 'anybody' },
  'a user without roles': { roles: [], admits: (rule) => LEVELS['none']?.includes(rule) === true },
  'a user with a role of no row': {
    roles: ['nobody'],
    admits: (rule) => LEVELS['none']?.includes(rule) === true,
  },
  reader: { roles: ['reader'], admits: (rule) => LEVELS['reader']?.includes(rule) === true },
  operator: { roles: ['operator'], admits: (rule) => LEVELS['operator']?.includes(rule) === true },
  'a role with task masks': {
    roles: ['tasks'],
    admits: (rule) => LEVELS['tasks']?.includes(rule) === true,
  },
  'a role with method masks': {
    roles: ['methods'],
    admits: (rule, method) =>
      LEVELS['none']?.includes(rule) === true || (isMasked(method) && rule !== 'private'),
  },
  admin: { roles: ['admin'], admits: (rule) => rule !== 'private' },
  service: { admits: () => true },
};

let server: PluginServer;
let admin: PlainClient;
let clients: ReadonlyMap<string, PlainClient>;

beforeAll(async () => {
  server = await PluginServer.start({ 'door.ts': PLUGIN });
  admin = await PlainClient.loggedIn(server.process.url);
  await admin.result('role.create', { name: 'tasks', methods: [], tasks: ['*'] });
  await admin.result('role.create', { name: 'methods', methods: MASKS });
  const external = await server.service('daemon');
  await external.result('plugin.register_service', 'ext.door', { methods: DESCRIBED });
  await external.result('plugin.resume_service', 'ext.door');
  clients = new Map(
    await Promise.all(
      Object.entries(CALLERS).map(async ([name, { roles }], at): Promise<[string, PlainClient]> => {
        if (name === 'service') return [name, await server.service('caller')];
        const client = await server.stranger();
        if (roles === undefined) return [name, client];
        const username = `user-${at}`;
        await admin.result('account.create', { username, roles });
        await client.request('rpc', 'auth', { username }); // as root of this machine
        return [name, client];
      }),
    ),
  );
});
afterAll(async () => {
  await admin.close();
  await server.stop();
});

/** Every method that discovery shows, by its full name. */
async function discovered(): Promise<string[]> {
  const services = await admin.result<string[]>('discovery.get_services');
  const methods = services.map(async (service) => {
    const all = await admin.result<{ name: string }[]>('discovery.get_methods', service);
    return all.map(({ name }) => `${service}.${name}`);
  });
  return (await Promise.all(methods)).flat().sort();
}

const ruled = Object.entries(RULES).flatMap(([service, methods]) =>
  Object.entries(methods).map(([name, rule]) => [`${service}.${name}`, rule] as const),
);

/** More than any method takes: who is let in is told that, and nothing is done. */
const SURPLUS = Array.from({ length: 20 }, () => 'surplus');

async function outcomeOf(client: PlainClient, method: string): Promise<string> {
  const { name, args } = await client.call(method, ...SURPLUS);
  const { code, message } = (name === 'error' ? args : {}) as Partial<WireErrorArgs>;
  if (code === 22) return 'allowed';
  // to an administrator it goes on to say that the method is private
  return code === 13 && message !== undefined
    ? message.replace(/:.*private.*/, '')
    : `${method}: ${JSON.stringify(args)}`;
}

describe('access to every method', () => {
  it('has a rule for each method that there is, and no rule for one that is not', async () => {
    expect(ruled.map(([method]) => method).sort()).toEqual(await discovered());
  });

  it.each(Object.keys(CALLERS))('is as the rules say for %s', async (caller) => {
    const client = clients.get(caller);
    const { admits } = CALLERS[caller] ?? {};
    if (client === undefined || admits === undefined) throw new Error(`No caller ${caller}`);
    const refusal = caller === 'anonymous' ? 'Not logged in' : 'Insufficient privileges';
    const expected = ruled.map(([method, rule]): [string, Outcome] => [
      method,
      admits(rule, method) ? 'allowed' : refusal,
    ]);
    const seen = await Promise.all(
      ruled.map(async ([method]) => [method, await outcomeOf(client, method)]),
    );
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(expected));
  });

  it('hides from strangers whether a method or service is there', async () => {
    const stranger = await server.stranger();
    for (const method of ['door.nothing', 'nothing.at_all', 'ext.door.nothing', 'door.toString']) {
      expect(await outcomeOf(stranger, method)).toBe('Not logged in');
    }
  });

  it('gives what an external service did not describe to admin and services only', async () => {
    const undescribed = 'ext.door.undescribed';
    const refused = await Promise.all(
      [...clients].map(async ([name, client]): Promise<string | null> => {
        if (name === 'admin' || name === 'service') return null;
        return outcomeOf(client, undescribed);
      }),
    );
    expect(new Set(refused)).toEqual(new Set(['Not logged in', 'Insufficient privileges', null]));
  });
});
