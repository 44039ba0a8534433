import { describe, expect, it, vi } from 'vitest';
import { Errno } from '../common/index.js';
import type { UserAccount } from './account.js';
import { Authenticator, type PasswordLogin } from './authenticator.js';
import { LocalLogin } from './local-login.js';
import { LocalFailureFeed } from '../cluster/local/local-failure-feed.js';
import { LoginThrottle } from './login-throttle.js';
import type { LoginPeer } from './principal.js';
import { Principals } from './principals.js';
import { RoleIndex } from './role-index.js';
import type { SocketOwners } from './socket-table.js';

const ROOT = 0;
const DISPATCHER = 900;
const ANN = 1000;
/** A real one of lowest cost, so that it counts as weak. */
const WEAK = `$scrypt$ln=1,r=1,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
const ACCOUNTS = new Map([
  ['root', ROOT],
  ['dispatcher', DISPATCHER],
  ['ann', ANN],
]);

const loopback: LoginPeer = {
  transport: 'tcp',
  isLoopback: true,
  isDirect: true,
  ip: '127.0.0.1',
  source: '127.0.0.1',
  port: 40_000,
  serverIp: '127.0.0.1',
  serverPort: 5_000,
};
const remote: LoginPeer = { ...loopback, isLoopback: false, ip: '192.0.2.1', source: '192.0.2.1' };
const proxied: LoginPeer = { ...loopback, isDirect: false };
const unix: LoginPeer = {
  ...loopback,
  transport: 'unix',
  isLoopback: false,
  ip: null,
  source: null,
  port: null,
  serverIp: null,
  serverPort: null,
};

/** An authenticator on a machine where every socket belongs to `owner`, with these users in the store. */
function machine(owner: number | null, ...stored: readonly Partial<UserAccount>[]) {
  const sockets = { uidOf: vi.fn<SocketOwners['uidOf']>(() => Promise.resolve(owner)) };
  const users = { uidOf: vi.fn((name: string) => Promise.resolve(ACCOUNTS.get(name) ?? null)) };
  const accounts = new Map(stored.map((row) => [row.username, accountOf(row)]));
  const rehash = vi.fn((account: UserAccount, passwordHash: string) => {
    accounts.set(account.username, { ...account, passwordHash });
    return Promise.resolve();
  });
  const directory = { find: (name: string) => accounts.get(name) ?? null, rehash };
  // a hash that costs nothing; a weak one is told by the real format
  const hasher = {
    hash: (password: string) => Promise.resolve(`hash of ${password}`),
    verify: vi.fn((password: string, hash: string | null) =>
      Promise.resolve(hash === `hash of ${password}` || hash === WEAK),
    ),
  };
  const clock = { now: 0 };
  const delays: number[] = [];
  const authenticator = new Authenticator(
    new LocalLogin({ sockets, users, ownUid: DISPATCHER }),
    directory,
    new Principals(directory, new RoleIndex()),
    hasher,
    new LoginThrottle(() => clock.now, 10, new LocalFailureFeed()),
    {
      delay: (delayMs) => {
        delays.push(delayMs);
        return Promise.resolve();
      },
      whenUsersKnown: () => null,
      onRehashFailed: (error) => {
        throw error;
      },
    },
  );
  const login = (request: PasswordLogin, peer: LoginPeer) =>
    authenticator.login(request, { peer, signal: new AbortController().signal });
  return { sockets, users, accounts, rehash, hasher, clock, delays, authenticator, login };
}

function accountOf(row: Partial<UserAccount>): UserAccount {
  return { id: 1, username: 'ann', passwordHash: null, roles: [], isLocked: false, ...row };
}

const as = (username: string, more: Partial<PasswordLogin> = {}): PasswordLogin => ({
  username,
  password: '',
  checkPassword: false,
  ...more,
});

const BAD_CREDENTIALS = { code: Errno.EACCES, message: 'Incorrect username or password' };
const NOT_AUTHORIZED = { code: Errno.EACCES, message: 'Not authorized' };

describe('a login by name over loopback', () => {
  it.each([
    ['root', ROOT],
    ['dispatcher', DISPATCHER],
    ['dispatcher', ROOT],
  ])('makes %s an admin when the socket belongs to uid %s', async (username, owner) => {
    const { login } = machine(owner);
    expect(await login(as(username), loopback)).toMatchObject({
      kind: 'user',
      name: username,
      roles: ['admin'],
    });
  });

  it('asks for the socket from the side of the client', async () => {
    const { login, sockets } = machine(ROOT);
    await login(as('root'), loopback);
    expect(sockets.uidOf).toHaveBeenCalledExactlyOnceWith({
      localIp: '127.0.0.1',
      localPort: 40_000,
      remoteIp: '127.0.0.1',
      remotePort: 5_000,
    });
  });

  it.each([
    ['belongs to another user', 'root', ANN],
    ['belongs to the dispatcher, who is not root', 'root', DISPATCHER],
    ['belongs to nobody here', 'root', null],
  ])('is refused when the socket %s', async (_, username, owner) => {
    await expect(machine(owner).login(as(username), loopback)).rejects.toMatchObject(
      BAD_CREDENTIALS,
    );
  });

  it.each([
    ['the user', ANN],
    ['root', ROOT],
  ])('is not authorized for a user who is no administrator, as %s', async (_, owner) => {
    await expect(machine(owner).login(as('ann'), loopback)).rejects.toMatchObject(NOT_AUTHORIZED);
  });

  it('is refused when an end of the connection is not known', async () => {
    const { login, sockets } = machine(ROOT);
    const peer = { ...loopback, port: null };
    await expect(login(as('root'), peer)).rejects.toMatchObject(BAD_CREDENTIALS);
    expect(sockets.uidOf).not.toHaveBeenCalled();
  });
});

describe('a login over the unix socket', () => {
  it('needs no other proof than that the socket could be opened', async () => {
    const { login, sockets } = machine(null);
    expect(await login(as('root'), unix)).toMatchObject({ roles: ['admin'] });
    expect(sockets.uidOf).not.toHaveBeenCalled();
  });

  it.each([
    ['a user who is no administrator', 'ann', NOT_AUTHORIZED],
    ['a user the machine does not know', 'nobody', BAD_CREDENTIALS],
  ])('is refused to %s', async (_, username, refusal) => {
    await expect(machine(null).login(as(username), unix)).rejects.toMatchObject(refusal);
  });

  it('is refused to a web page or through a proxy', async () => {
    const peer = { ...unix, isDirect: false };
    await expect(machine(ROOT).login(as('root'), peer)).rejects.toMatchObject(BAD_CREDENTIALS);
  });
});

describe('a login that is not local', () => {
  it.each<[string, PasswordLogin, LoginPeer]>([
    ['comes from another machine', as('root'), remote],
    ['comes through a proxy or from a web page', as('root'), proxied],
    ['carries a password', as('root', { password: 'secret' }), loopback],
    ['carries a password over the unix socket', as('root', { password: 'secret' }), unix],
    ['asks for the password to be checked', as('root', { checkPassword: true }), loopback],
    ['asks for it over the unix socket', as('root', { checkPassword: true }), unix],
  ])('is refused when it %s', async (_, login, peer) => {
    await expect(machine(ROOT).login(login, peer)).rejects.toMatchObject(BAD_CREDENTIALS);
  });

  it('is refused with the same words whether there is such a user or not', async () => {
    const { login } = machine(ANN);
    const known = login(as('root'), loopback).catch((error: unknown) => error);
    const unknown = login(as('nobody'), loopback).catch((error: unknown) => error);
    expect(await known).toEqual(await unknown);
    expect(await known).toMatchObject(BAD_CREDENTIALS);
  });
});

describe('a machine that cannot be asked', () => {
  it('is an error of its own, not a wrong password', async () => {
    const broken = Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    const { login, authenticator, users, sockets } = machine(ROOT);
    sockets.uidOf.mockRejectedValueOnce(broken);
    await expect(login(as('root'), loopback)).rejects.toBe(broken);
    users.uidOf.mockRejectedValueOnce(broken);
    await expect(login(as('root'), loopback)).rejects.toBe(broken);
    sockets.uidOf.mockRejectedValueOnce(broken);
    await expect(authenticator.loginService('nas', loopback)).rejects.toBe(broken);
  });
});

describe('a login as a service', () => {
  const principal = { kind: 'service', name: 'nas', roles: ['admin'] };

  it.each<[string, number | null, LoginPeer]>([
    ['root over loopback', ROOT, loopback],
    ["the dispatcher's own user over loopback", DISPATCHER, loopback],
    ['any peer over the unix socket', null, unix],
  ])('is open to %s', async (_, owner, peer) => {
    expect(await machine(owner).authenticator.loginService('nas', peer)).toMatchObject(principal);
  });

  it.each<[string, number | null, LoginPeer]>([
    ['another user over loopback', ANN, loopback],
    ['a loopback peer whose socket nobody owns', null, loopback],
    ['another machine', ROOT, remote],
    ['a web page or a proxy over loopback', ROOT, proxied],
    ['a web page or a proxy over the unix socket', ROOT, { ...unix, isDirect: false }],
  ])('is refused to %s', async (_, owner, peer) => {
    await expect(machine(owner).authenticator.loginService('nas', peer)).rejects.toMatchObject(
      NOT_AUTHORIZED,
    );
  });
});

describe('a login with a password', () => {
  const ann = { username: 'ann', passwordHash: 'hash of secret', roles: ['reader'] };
  const secret = as('ann', { password: 'secret' });

  it.each<[string, LoginPeer]>([
    ['another machine', remote],
    ['this machine', loopback],
    ['the unix socket', unix],
    ['a proxy', proxied],
  ])('gives the roles of the store, from %s', async (_, peer) => {
    expect(await machine(null, ann).login(secret, peer)).toMatchObject({
      kind: 'user',
      name: 'ann',
      roles: ['reader'],
    });
  });

  it.each<[string, Partial<UserAccount>]>([
    ['is locked', { ...ann, isLocked: true }],
    ['has no password', { ...ann, passwordHash: null }],
    ['has another password', { ...ann, passwordHash: 'hash of other' }],
    ['does not exist', { ...ann, username: 'bob' }],
  ])('is refused with the same words to a user who %s, after a check', async (_, account) => {
    const { login, hasher } = machine(null, account);
    await expect(login(secret, remote)).rejects.toMatchObject(BAD_CREDENTIALS);
    expect(hasher.verify).toHaveBeenCalledOnce();
  });

  it('is refused when the account changed while the password was checked', async () => {
    const { login, hasher, accounts } = machine(null, ann);
    hasher.verify.mockImplementationOnce(() => {
      accounts.set('ann', accountOf({ ...ann, passwordHash: 'hash of newer' }));
      return Promise.resolve(true);
    });
    await expect(login(secret, remote)).rejects.toMatchObject(BAD_CREDENTIALS);
  });

  it('brings a weak hash up to date, and leaves a strong one alone', async () => {
    const { login, rehash } = machine(null, { ...ann, passwordHash: WEAK });
    await login(secret, remote);
    await vi.waitFor(() =>
      expect(rehash).toHaveBeenCalledExactlyOnceWith(expect.anything(), 'hash of secret'),
    );
    await login(secret, remote);
    expect(rehash).toHaveBeenCalledOnce();
  });

  it('is slowed and then refused after failures, before anything is hashed', async () => {
    const { login, hasher, delays } = machine(null, ann);
    for (let failure = 0; failure < 10; failure += 1) {
      await expect(login(as('ann', { password: 'x' }), remote)).rejects.toMatchObject(
        BAD_CREDENTIALS,
      );
    }
    expect(delays).toEqual([50, 100, 200, 400, 800, 1_000, 1_000]);
    await expect(login(secret, remote)).rejects.toMatchObject({
      code: Errno.EBUSY,
      message: 'Too many failed logins: try again in 60 s',
    });
    expect(hasher.verify).toHaveBeenCalledTimes(10);
  });

  it('does not keep root from logging in on the machine, whatever others try', async () => {
    const { login } = machine(ROOT);
    const wrong = as('root', { password: 'guess' });
    for (let failure = 0; failure < 10; failure += 1) await login(wrong, unix).catch(() => null);
    await expect(login(wrong, unix)).rejects.toMatchObject({ code: Errno.EBUSY });
    expect(await login(as('root'), unix)).toMatchObject({ roles: ['admin'] });
  });
});

describe('a user of the store on this machine', () => {
  it.each<[string, number | null, LoginPeer]>([
    ['as the owner of the socket', ANN, loopback],
    ['as root', ROOT, loopback],
    ['over the unix socket', null, unix],
  ])('needs no password, and has the roles of the store, %s', async (_, owner, peer) => {
    const { login } = machine(owner, { username: 'ann', roles: ['operator'] });
    expect(await login(as('ann'), peer)).toMatchObject({ roles: ['operator'], origin: 'store' });
  });

  it('has the roles of the store even as root', async () => {
    const { login } = machine(ROOT, { username: 'root', roles: ['reader'] });
    expect(await login(as('root'), loopback)).toMatchObject({ roles: ['reader'] });
  });

  it('need not be a user of the machine when root or the unix socket speaks for it', async () => {
    const web = { username: 'web', roles: ['reader'] };
    expect(await machine(ROOT, web).login(as('web'), loopback)).toMatchObject({ name: 'web' });
    await expect(machine(ANN, web).login(as('web'), loopback)).rejects.toMatchObject(
      BAD_CREDENTIALS,
    );
  });

  it('is not let in while it is locked', async () => {
    const { login } = machine(ROOT, { username: 'ann', isLocked: true });
    await expect(login(as('ann'), loopback)).rejects.toMatchObject(NOT_AUTHORIZED);
  });
});
