import { describe, expect, it, vi } from 'vitest';
import { Errno } from '../common/index.js';
import { Authenticator, type PasswordLogin } from './authenticator.js';
import type { LoginPeer } from './principal.js';
import type { SocketOwners } from './socket-table.js';

const ROOT = 0;
const DISPATCHER = 900;
const ANN = 1000;
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
  port: 40_000,
  serverIp: '127.0.0.1',
  serverPort: 5_000,
};
const remote: LoginPeer = { ...loopback, isLoopback: false, ip: '192.0.2.1' };
const proxied: LoginPeer = { ...loopback, isDirect: false };
const unix: LoginPeer = {
  ...loopback,
  transport: 'unix',
  isLoopback: false,
  ip: null,
  port: null,
  serverIp: null,
  serverPort: null,
};

/** An authenticator on a machine where every socket belongs to `owner`. */
function machine(owner: number | null) {
  const sockets = { uidOf: vi.fn<SocketOwners['uidOf']>(() => Promise.resolve(owner)) };
  const users = { uidOf: vi.fn((name: string) => Promise.resolve(ACCOUNTS.get(name) ?? null)) };
  return {
    sockets,
    users,
    authenticator: new Authenticator({ sockets, users, ownUid: DISPATCHER }),
  };
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
    const { authenticator } = machine(owner);
    expect(await authenticator.login(as(username), loopback)).toEqual({
      kind: 'user',
      name: username,
      roles: ['admin'],
    });
  });

  it('asks for the socket from the side of the client', async () => {
    const { authenticator, sockets } = machine(ROOT);
    await authenticator.login(as('root'), loopback);
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
    await expect(machine(owner).authenticator.login(as(username), loopback)).rejects.toMatchObject(
      BAD_CREDENTIALS,
    );
  });

  it.each([
    ['the user', ANN],
    ['root', ROOT],
  ])('is not authorized for a user who is no administrator, as %s', async (_, owner) => {
    await expect(machine(owner).authenticator.login(as('ann'), loopback)).rejects.toMatchObject(
      NOT_AUTHORIZED,
    );
  });

  it('is refused when an end of the connection is not known', async () => {
    const { authenticator, sockets } = machine(ROOT);
    const peer = { ...loopback, port: null };
    await expect(authenticator.login(as('root'), peer)).rejects.toMatchObject(BAD_CREDENTIALS);
    expect(sockets.uidOf).not.toHaveBeenCalled();
  });
});

describe('a login over the unix socket', () => {
  it('needs no other proof than that the socket could be opened', async () => {
    const { authenticator, sockets } = machine(null);
    expect(await authenticator.login(as('root'), unix)).toMatchObject({ roles: ['admin'] });
    expect(sockets.uidOf).not.toHaveBeenCalled();
  });

  it.each([
    ['a user who is no administrator', 'ann', NOT_AUTHORIZED],
    ['a user the machine does not know', 'nobody', BAD_CREDENTIALS],
  ])('is refused to %s', async (_, username, refusal) => {
    await expect(machine(null).authenticator.login(as(username), unix)).rejects.toMatchObject(
      refusal,
    );
  });

  it('is refused to a web page or through a proxy', async () => {
    const peer = { ...unix, isDirect: false };
    await expect(machine(ROOT).authenticator.login(as('root'), peer)).rejects.toMatchObject(
      BAD_CREDENTIALS,
    );
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
    await expect(machine(ROOT).authenticator.login(login, peer)).rejects.toMatchObject(
      BAD_CREDENTIALS,
    );
  });

  it('is refused with the same words whether there is such a user or not', async () => {
    const { authenticator } = machine(ANN);
    const known = authenticator.login(as('root'), loopback).catch((error: unknown) => error);
    const unknown = authenticator.login(as('nobody'), loopback).catch((error: unknown) => error);
    expect(await known).toEqual(await unknown);
    expect(await known).toMatchObject(BAD_CREDENTIALS);
  });
});

describe('a machine that cannot be asked', () => {
  it('is an error of its own, not a wrong password', async () => {
    const broken = Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    const { authenticator, users, sockets } = machine(ROOT);
    sockets.uidOf.mockRejectedValueOnce(broken);
    await expect(authenticator.login(as('root'), loopback)).rejects.toBe(broken);
    users.uidOf.mockRejectedValueOnce(broken);
    await expect(authenticator.login(as('root'), loopback)).rejects.toBe(broken);
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
    expect(await machine(owner).authenticator.loginService('nas', peer)).toEqual(principal);
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
