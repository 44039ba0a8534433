import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SessionLog as Log, SESSIONS, SessionLog } from '../../src/auth/index.js';
import { type Leader, Leadership } from '../../src/cluster/index.js';
import { BlockSessionIds } from '../../src/cluster/nats/block-session-ids.js';
import { DocumentStore } from '../../src/datastore/index.js';
import { MemoryDriver, MemoryStore } from '../../src/testing/memory.driver.js';
import type { SessionRow } from '../../src/wire/index.js';
import { FakeNodeDirectory } from '../support/fake-node-directory.js';
import { KeptLog } from '../support/nats-nodes.js';

const start = { username: 'ann', address: '192.0.2.1,4000', resource: 'test' };

/** Who leads, as a test says. */
class Election extends Leadership {
  leader: Leader | null = null;
  readonly term = null;
  readonly #listeners = new Set<(leader: Leader | null) => void>();

  constructor(private readonly node: string) {
    super();
  }

  elect(node: string): void {
    this.leader = { node, term: 1, since: new Date() };
    for (const listener of this.#listeners) listener(this.leader);
  }

  isCurrent(): boolean {
    return this.leader?.node === this.node;
  }

  guard(): null {
    return null;
  }

  campaign(): Promise<void> {
    return Promise.resolve();
  }

  resign(): Promise<void> {
    return Promise.resolve();
  }

  onChange(listener: (leader: Leader | null) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

interface Node {
  readonly log: Log;
  readonly directory: FakeNodeDirectory;
  readonly election: Election;
}

let rows: MemoryStore;
let nodes: Node[];

async function node(name: string): Promise<Node> {
  const directory = new FakeNodeDirectory(name);
  for (const other of ['n1', 'n2', 'n3']) directory.put(other);
  const election = new Election(name);
  const logger = new KeptLog();
  const log = await SessionLog.open({
    store: new DocumentStore(new MemoryDriver(rows)),
    logger,
    now: () => new Date(),
    ids: new BlockSessionIds(logger),
    nodes: { node: name, directory, leadership: election },
  });
  const made = { log, directory, election };
  nodes.push(made);
  return made;
}

const open = async (): Promise<string[]> => {
  const store = new DocumentStore(new MemoryDriver(rows));
  const found = await store.query<SessionRow>(SESSIONS, [['active', '=', true]], { sort: 'id' });
  return found.map((row) => String(row.node));
};

beforeEach(() => {
  rows = new MemoryStore();
  nodes = [];
});
afterEach(async () => {
  for (const { log } of nodes) await log.close();
});

describe('the session log of several nodes', () => {
  it('tells at which node a session is, and closes at a start those of that node only', async () => {
    const [n1, n2] = [await node('n1'), await node('n2')];
    n1.log.begin(start);
    n2.log.begin(start);
    for (const { log } of nodes) await log.flush();
    expect(await open()).toEqual(['n1', 'n2']);
    await node('n1'); // n1 was killed, and starts again
    expect(await open()).toEqual(['n2']);
  });

  it('closes at the leader those of a node that is lost', async () => {
    const [n1, n2, n3] = [await node('n1'), await node('n2'), await node('n3')];
    for (const { log } of nodes) {
      log.begin(start);
      await log.flush();
    }
    n1.election.elect('n1');
    n2.election.elect('n1');
    n3.log.end(0);
    n2.directory.remove('n3', 'lost');
    await n2.log.flush();
    expect(await open()).toEqual(['n1', 'n2', 'n3']);
    n1.directory.remove('n3', 'lost');
    await expect.poll(open).toEqual(['n1', 'n2']);
  });

  it('closes at a new leader those of all nodes that are not there, and of before there were nodes', async () => {
    const n1 = await node('n1');
    const n3 = await node('n3');
    n3.log.begin(start);
    n1.log.begin(start);
    for (const { log } of nodes) await log.flush();
    const store = new DocumentStore(new MemoryDriver(rows));
    await store.insert(SESSIONS, {
      ...start,
      started_at: new Date(),
      ended_at: null,
      active: true,
    });
    expect(await open()).toHaveLength(3);
    n1.directory.remove('n3', 'left');
    expect(await open()).toHaveLength(3);
    n1.election.elect('n1');
    await expect.poll(open).toEqual(['n1']);
  });

  it('opens again what was closed of a node that was only not heard', async () => {
    const [n1, n2] = [await node('n1'), await node('n2')];
    n2.log.begin(start);
    const ended = n2.log.begin(start);
    await n2.log.flush();
    n1.election.elect('n1');
    n1.directory.remove('n2', 'lost');
    await expect.poll(open).toEqual([]);
    n2.directory.setIsland(true);
    n2.log.end(ended);
    n2.directory.setIsland(false);
    await n2.log.flush();
    expect(await open()).toEqual(['n2']);
  });
});
