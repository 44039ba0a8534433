import { describe, expect, it } from 'vitest';
import type { Sender } from '../sdk/index.js';
import type { CallTarget } from './rights.js';
import { RoleIndex, rightsOf } from './role-index.js';

const target = (method: string, more: Partial<CallTarget> = {}): CallTarget => ({
  method,
  isUnauthenticated: false,
  isPrivate: false,
  roles: [],
  ...more,
});
const OPEN = target('disk.query');
const READING = target('disk.smart', { roles: ['reader'] });
const OPERATING = target('disk.spin_down', { roles: ['operator'] });
const ADMINISTERING = target('disk.wipe', { roles: ['admin'] });
const PRIVATE = target('disk.internal', { isPrivate: true });
const AUDITING = target('log.read', { roles: ['auditor'] });

const book = new RoleIndex();
book.replaceAll([
  {
    name: 'backup',
    methods: ['snapshot.*', 'disk.wipe'],
    publish: ['backup.*'],
    tasks: ['zfs.?end'],
  },
  { name: 'admin', methods: [], publish: [], tasks: [] },
]);
const may = (roles: readonly string[], what: CallTarget): boolean =>
  book.rightsFor(roles).mayCall(what);

describe('what a role may call', () => {
  it.each<[string, readonly string[], CallTarget, boolean]>([
    ['admin: what needs its role', ['admin'], ADMINISTERING, true],
    ['admin: what needs any other role', ['admin'], AUDITING, true],
    ['admin: nothing private', ['admin'], PRIVATE, false],
    ['operator: what asks for no role', ['operator'], OPEN, true],
    ['operator: what a reader may', ['operator'], READING, true],
    ['operator: its own', ['operator'], OPERATING, true],
    ['operator: nothing of an admin', ['operator'], ADMINISTERING, false],
    ['operator: nothing private', ['operator'], PRIVATE, false],
    ['reader: what asks for no role', ['reader'], OPEN, true],
    ['reader: its own', ['reader'], READING, true],
    ['reader: nothing of an operator', ['reader'], OPERATING, false],
    ['an own role: what its masks cover', ['backup'], target('snapshot.create'), true],
    ['an own role: what it covers of an admin', ['backup'], ADMINISTERING, true],
    ['an own role: nothing else, though it asks for no role', ['backup'], OPEN, false],
    ['an own role: nothing private', ['backup'], target('snapshot.x', { isPrivate: true }), false],
    ['an own role: task.submit when it names tasks', ['backup'], target('task.submit'), true],
    ['own and built-in together: both', ['backup', 'reader'], OPEN, true],
    ['a role that only methods name: those', ['auditor'], AUDITING, true],
    ['a role that only methods name: nothing else', ['auditor'], OPEN, false],
    ['a name of every object: nothing', ['constructor', '__proto__'], OPEN, false],
    ['none: nothing that asks for no role', [], OPEN, false],
    ['none: task.submit', [], target('task.submit'), false],
    ['none: itself', [], target('session.whoami'), true],
    ['none: the interface', [], target('discovery.get_methods'), true],
    ['none: its own subscriptions', [], target('event.cursor'), true],
    ['none: not the sessions of others', [], target('session.query'), false],
    ['none: what needs no login', [], target('x.y', { isUnauthenticated: true }), true],
  ])('%s', (_, roles, what, expected) => {
    expect(may(roles, what)).toBe(expected);
    expect(may(roles, what)).toBe(expected); // from memory
  });

  it('is decided anew for a method that was loaded again', () => {
    const rights = book.rightsFor(['reader']);
    expect(rights.mayCall(target('a.b'))).toBe(true);
    expect(rights.mayCall(target('a.b', { roles: ['admin'] }))).toBe(false);
  });
});

describe('tasks and events', () => {
  it.each<[string, readonly string[], boolean, boolean]>([
    ['admin', ['admin'], true, true],
    ['operator', ['operator'], true, false],
    ['reader', ['reader'], false, false],
    ['own masks', ['backup'], true, true],
    ['no role', [], false, false],
  ])('%s', (_, roles, isTask, isEvent) => {
    const rights = book.rightsFor(roles);
    expect(rights.mayRun('zfs.send')).toBe(isTask);
    expect(rights.mayPublish('backup.done')).toBe(isEvent);
    expect(rights.isMute).toBe(!isEvent);
  });

  it('that ask for a role are open to that role', () => {
    expect(book.rightsFor(['operator']).mayRun('disk.wipe', ['admin'])).toBe(false);
    expect(book.rightsFor(['auditor']).mayRun('audit.run', ['auditor'])).toBe(true);
    expect(book.rightsFor(['admin']).mayRun('audit.run', ['auditor'])).toBe(true);
  });

  it('are not open where the masks end', () => {
    expect(book.rightsFor(['backup']).mayRun('zfs.destroy')).toBe(false);
    expect(book.rightsFor(['backup']).mayPublish('disk.gone')).toBe(false);
  });
});

describe('a sender', () => {
  const sender = (kind: Sender['kind'], ...roles: string[]): Sender => ({
    kind,
    roles,
    user: 'x',
    address: 'x',
    sessionId: null,
  });

  it('that is a plugin or a service may do everything, a stranger nothing', () => {
    expect(rightsOf(sender('plugin')).mayPublish('x')).toBe(true);
    expect(rightsOf(sender('service')).mayRun('x')).toBe(true);
    expect(rightsOf(sender('anonymous', 'admin')).mayCall(OPEN)).toBe(false);
  });

  it('that no login made has the rights of the built-in roles it names', () => {
    expect(rightsOf(sender('user', 'reader')).mayCall(OPEN)).toBe(true);
    expect(rightsOf(sender('user', 'backup')).mayCall(OPEN)).toBe(false);
  });
});
