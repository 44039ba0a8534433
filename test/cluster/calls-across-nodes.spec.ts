import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LocalNodeCalls, LocalNodeDirectory } from '../../src/cluster/local/index.js';
import { Errno, RpcException } from '../../src/common/index.js';
import { Call, exploreService, isEndingSender, ResultStream } from '../../src/rpc/index.js';
import { accepts, returns, type Sender } from '../../src/sdk/index.js';
import { type Accounts, CallingNode, Sample } from '../support/calling-node.js';
import { NodeNetwork } from '../support/node-network.js';

const PLUGIN: Sender = {
  kind: 'plugin',
  user: 'disks',
  roles: ['admin'],
  address: 'plugin,disks',
  sessionId: null,
};
const STRANGER: Sender = { ...PLUGIN, kind: 'anonymous', user: null, roles: [] };

let network: NodeNetwork;
let accounts: Accounts;
let n1: CallingNode;
let n2: CallingNode;

beforeEach(() => {
  network = new NodeNetwork();
  accounts = new Map([
    ['anna', { roles: ['admin'] }],
    ['otto', { roles: ['operator'] }],
  ]);
  n1 = new CallingNode(network.add('n1'), accounts).offer();
  n2 = new CallingNode(network.add('n2'), accounts).offer();
  for (const server of [n1, n2]) network.announce(server.node.name, { services: server.hashes() });
});

afterEach(() => {
  for (const { elsewhere } of [n1, n2]) elsewhere.stop();
});

describe('a call for one node', () => {
  it('is made there, on behalf of its caller', async () => {
    expect(await n1.ask('sample.where', { node: 'n2' })).toEqual({
      node: 'n2',
      kind: 'user',
      user: 'anna',
      roles: ['admin'],
      address: '192.0.2.7,1234',
      sessionId: 7,
    });
  });

  it('is made here where this node is named', async () => {
    expect(await n1.ask('sample.where', { node: 'n1' })).toMatchObject({ node: 'n1' });
  });

  it('is refused where there is no such node, and to a stranger whatever the node', async () => {
    await expect(n1.ask('sample.where', { node: 'n9' })).rejects.toMatchObject({
      code: Errno.ENOENT,
      message: expect.stringContaining('n9') as string,
    });
    for (const node of ['n2', 'n9', '*']) {
      await expect(n1.ask('sample.where', { node, caller: STRANGER })).rejects.toMatchObject({
        code: Errno.EACCES,
        message: 'Not logged in',
      });
    }
  });

  it('needs the rights here', async () => {
    const caller = n1.user('otto');
    const forwarded = vi.spyOn(n1.node.calls, 'call');
    await expect(n1.ask('sample.for_admin', { node: 'n2', caller })).rejects.toMatchObject({
      code: Errno.EACCES,
    });
    expect(forwarded).not.toHaveBeenCalled();
  });

  it('needs the rights that its caller has there', async () => {
    const caller = n1.user('anna');
    n2.accounts.set('anna', { roles: ['operator'] });
    await expect(n1.ask('sample.for_admin', { node: 'n2', caller })).rejects.toMatchObject({
      code: Errno.EACCES,
    });
    n2.accounts.set('anna', { roles: ['admin'], isLocked: true });
    await expect(n1.ask('sample.where', { node: 'n2', caller })).rejects.toMatchObject({
      code: Errno.EACCES,
    });
  });

  it('reaches private methods for plugins only', async () => {
    await expect(n1.ask('sample.for_plugins', { node: 'n2' })).rejects.toMatchObject({
      code: Errno.EACCES,
    });
    expect(await n1.ask('sample.for_plugins', { node: 'n2', caller: PLUGIN })).toBe('n2');
  });

  it('streams its items to who takes them so, and collects them for others', async () => {
    const asking = { node: 'n2', args: [2] };
    expect(await n1.ask('sample.count', asking)).toEqual(['n2 1', 'n2 2']);
    const stream = await n1.ask('sample.count', { ...asking, wantsStream: true });
    expect(stream).toBeInstanceOf(ResultStream);
    const items: unknown[] = [];
    for await (const item of (stream as ResultStream).items) items.push(item);
    expect(items).toEqual(['n2 1', 'n2 2']);
  });

  it('ends there when it ends here', async () => {
    const call = new Call('sample.forever', [], n1.user('anna'));
    const pending = n1.router.execute(call, 'n2') as Promise<unknown>;
    const reason = new RpcException(Errno.ECANCELED, 'Enough');
    call.abort(reason);
    await expect(pending).rejects.toBe(reason);
    await vi.waitFor(() => expect(n2.sample.aborted).toMatchObject({ message: 'Enough' }));
  });

  it('ends when its caller may not log in any more', async () => {
    const pending = n1.ask('sample.forever', { node: 'n2' }).catch(() => undefined);
    await vi.waitFor(() => expect(n2.sample.begun).toBe(1));
    accounts.delete('anna');
    n2.accountsChanged();
    await vi.waitFor(() => expect(n2.sample.aborted).toMatchObject({ code: Errno.EACCES }));
    await pending;
  });
});

describe('what is given to a caller of another node', () => {
  it('is the same caller in each of its calls, until it goes', async () => {
    const caller = n1.user('anna');
    await n1.ask('sample.hold', { node: 'n2', caller });
    await n1.ask('sample.hold', { node: 'n2', caller });
    await n1.ask('sample.hold', { node: 'n2' });
    const [first, second, other] = n2.sample.held.map(
      (each) => isEndingSender(each) && each.holder,
    );
    expect(second).toBe(first);
    expect(other).not.toBe(first);
    expect(n2.sample.gone).toEqual([]);
    caller.end();
    await vi.waitFor(() => expect(n2.sample.gone.length).toBe(2));
  });

  it('comes to its end with the node', async () => {
    await n1.ask('sample.hold', { node: 'n2' });
    network.lose('n1');
    await vi.waitFor(() => expect(n2.sample.gone.length).toBe(1));
  });
});

describe('a call for all nodes', () => {
  it('answers what each of them said', async () => {
    expect(await n1.ask('sample.fails', { node: '*' })).toEqual({
      n1: { result: 1 },
      n2: { error: { code: Errno.ENOSPC, name: 'ENOSPC', message: 'Full' } },
    });
  });

  it('says of a lost node that it was not reached', async () => {
    network.lose('n2');
    expect(await n1.ask('sample.fails', { node: '*' })).toEqual({
      n1: { result: 1 },
      n2: { error: expect.objectContaining({ name: 'ECONNABORTED' }) as object },
    });
  });

  it('asks no node that has no such service, and none that drains', async () => {
    network.announce('n2', { services: {} });
    expect(await n1.ask('sample.fails', { node: '*' })).toEqual({ n1: { result: 1 } });
    network.announce('n2', { services: n2.hashes(), state: 'draining' });
    expect(await n1.ask('sample.fails', { node: '*' })).toEqual({ n1: { result: 1 } });
    await expect(n1.ask('nothing.at_all', { node: '*' })).rejects.toMatchObject({
      code: Errno.ENOENT,
    });
  });

  it('gives each node the arguments as they came', async () => {
    const args = [{ at: new Date(0), large: 2n ** 60n }];
    expect(await n1.ask('sample.echo', { node: '*', args })).toEqual({
      n1: { result: args[0] },
      n2: { result: args[0] },
    });
  });
});

describe('a reload of plugins at all nodes', () => {
  class Management {
    reloads = 0;

    constructor(private readonly fails: boolean) {}

    @accepts()
    @returns(null)
    async reloadPlugins(): Promise<null> {
      await Promise.resolve();
      this.reloads += 1;
      if (this.fails) throw new RpcException(Errno.EFAULT, 'Broken');
      return null;
    }
  }

  function offer(name: string, fails = false): Management {
    const server =
      name === 'n1' ? n1 : name === 'n2' ? n2 : new CallingNode(network.add(name), accounts);
    const management = new Management(fails);
    server.offer('management', management);
    network.announce(name, { services: server.hashes() });
    return management;
  }

  it('goes from node to node, and no further than the first that fails', async () => {
    const [own, second, third] = [offer('n1'), offer('n2'), offer('n3', true)];
    expect(await n1.ask('management.reload_plugins', { node: '*' })).toEqual({
      n2: { result: null },
      n3: { error: { code: Errno.EFAULT, name: 'EFAULT', message: 'Broken' } },
    });
    expect([own.reloads, second.reloads, third.reloads]).toEqual([0, 1, 1]);
  });

  it('is not held up by a node that is lost', async () => {
    offer('n1');
    offer('n2');
    network.lose('n2');
    expect(await n1.ask('management.reload_plugins', { node: '*' })).toEqual({
      n1: { result: null },
    });
  });
});

describe('a node that is alone', () => {
  it('knows itself and all nodes', async () => {
    const directory = new LocalNodeDirectory({ name: 'host', boot: 'b', version: '1.0.0' });
    const calls = new LocalNodeCalls('host');
    const alone = new CallingNode({ name: 'host', directory, calls }, accounts).offer();
    expect(await alone.ask('sample.fails', { node: 'host' })).toBe(1);
    expect(await alone.ask('sample.fails', { node: '*' })).toEqual({ host: { result: 1 } });
    await expect(alone.ask('sample.fails', { node: 'n2' })).rejects.toMatchObject({
      code: Errno.ENOENT,
    });
  });
});

describe('a service that only another node has', () => {
  beforeEach(async () => {
    n2.offer('disks', new Sample('n2'));
    network.announce('n2', { services: n2.hashes() });
    for (const { elsewhere } of [n1, n2]) elsewhere.start();
    await vi.waitFor(() => expect(n1.registry.get('disks')).toBeDefined());
  });

  it('is called as if it were here', async () => {
    expect(await n1.ask('disks.where')).toMatchObject({ node: 'n2', user: 'anna' });
    expect(await n1.ask('disks.count', { args: [1] })).toEqual(['n2 1']);
    expect(await n1.ask('disks.echo', { args: { value: 5 } })).toBe(5);
  });

  it('is described, and its rights are kept here already', async () => {
    const methods = n1.registry.get('disks')?.methods;
    expect(methods?.get('for_admin')?.description).toEqual(
      n2.registry.get('disks')?.methods.get('for_admin')?.description,
    );
    const forwarded = vi.spyOn(n1.node.calls, 'call');
    await expect(n1.ask('disks.for_admin', { caller: n1.user('otto') })).rejects.toMatchObject({
      code: Errno.EACCES,
    });
    expect(forwarded).not.toHaveBeenCalled();
  });

  it('gives way to one of that name here, and comes back after it', async () => {
    n1.offer('disks', new Sample('n1'));
    expect(await n1.ask('disks.where')).toMatchObject({ node: 'n1' });
    n1.registry.unregister('disks');
    await vi.waitFor(async () => expect(await n1.ask('disks.where')).toMatchObject({ node: 'n2' }));
  });

  it('goes with the last node that has it', async () => {
    network.lose('n2');
    await vi.waitFor(() => expect(n1.registry.get('disks')).toBeUndefined());
    await expect(n1.ask('disks.where')).rejects.toMatchObject({ code: Errno.ENOENT });
  });

  it('is not forwarded a second time', async () => {
    await expect(n2.ask('disks.where', { node: 'n1' })).rejects.toMatchObject({
      code: Errno.ENOENT,
    });
  });
});

describe('a service whose state lies at the leader', () => {
  class Plans {
    constructor(private readonly node: string) {}

    @accepts(String)
    @returns(String)
    create(name: string): string {
      return `${this.node} ${name}`;
    }

    @accepts()
    @returns(String)
    elsewhere(): string {
      return this.node;
    }
  }

  beforeEach(() => {
    for (const { registry, schemas, owner, node, seat } of [n1, n2]) {
      const instance = new Plans(node.name);
      registry.register(
        seat.seat(exploreService({ service: 'schedule', instance, owner }, schemas)),
      );
    }
    network.elect('n2');
  });

  const create = (): Promise<unknown> => n1.ask('schedule.create', { args: ['a'] });

  it('is asked there, whichever node is called', async () => {
    expect(await create()).toBe('n2 a');
    expect(await n2.ask('schedule.create', { args: ['a'] })).toBe('n2 a');
    network.elect('n1');
    expect(await create()).toBe('n1 a');
  });

  it('answers here what is no such method', async () => {
    expect(await n1.ask('schedule.elsewhere')).toBe('n1');
  });

  it('refuses bad arguments before it is asked', async () => {
    const forwarded = vi.spyOn(n1.node.calls, 'call');
    await expect(n1.ask('schedule.create', { args: [5] })).rejects.toMatchObject({
      code: Errno.EINVAL,
    });
    expect(forwarded).not.toHaveBeenCalled();
  });

  it('waits for a leader', async () => {
    network.elect(null);
    const pending = create();
    network.elect('n2');
    expect(await pending).toBe('n2 a');
  });

  it('waits for a leader for 45 s, and says then that there is none', async () => {
    network.elect(null);
    vi.useFakeTimers();
    try {
      let refusal: unknown = null;
      const pending = create().catch((error: unknown) => (refusal = error));
      await vi.advanceTimersByTimeAsync(44_000);
      expect(refusal).toBeNull();
      await vi.advanceTimersByTimeAsync(2_000);
      await pending;
      expect(refusal).toMatchObject({ code: Errno.EBUSY });
    } finally {
      vi.useRealTimers();
    }
  });

  it('is asked again where the leader knows nothing of it yet, or is not reached', async () => {
    network.lose('n2');
    const pending = create();
    await Promise.resolve();
    network.elect('n1');
    expect(await pending).toBe('n1 a');
  });

  it('is not forwarded a second time', async () => {
    network.elect('n1');
    await expect(n1.ask('schedule.create', { args: ['a'], node: 'n2' })).rejects.toMatchObject({
      code: Errno.EBUSY,
    });
  });
});
