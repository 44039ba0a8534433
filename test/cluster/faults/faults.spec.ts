import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterGround, clusterObstacle } from '../../support/cluster-ground.js';
import { seeded } from '../../support/random.js';
import { drawFault } from './faults.js';
import { History } from './history.js';
import { judge, marksOf, type Outage } from './invariants.js';
import { INTERVALS_PLUGIN } from './plugin.js';
import { NodeSession, within } from './session.js';
import { EventFollower, LockTaker, Submitter, UserChanger } from './workload.js';

const NODES = ['n1', 'n2', 'n3'] as const;
/** `CLUSTER_ROUNDS=200 CLUSTER_SEED=7` repeats or prolongs what CI runs. */
const ROUNDS = Number(process.env['CLUSTER_ROUNDS'] ?? 5);
const SEED = Number(process.env['CLUSTER_SEED'] ?? Math.floor(Math.random() * 1_000_000));
/** How long all nodes may take to be of one mind again. */
const PEACE_MS = 60_000;
const ROUND_MS = 150_000;
/** Of what was broken, which may be much of one kind. */
const SHOWN = 20;

const nowMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);

describe.skipIf(clusterObstacle !== null)(
  `a cluster under faults, seed ${SEED}${clusterObstacle === null ? '' : ` (${clusterObstacle})`}`,
  () => {
    let ground: ClusterGround;
    beforeAll(async () => {
      ground = await ClusterGround.start({
        nodes: NODES,
        natsServers: 3,
        plugins: { intervals: INTERVALS_PLUGIN },
      });
    }, 120_000);
    afterAll(() => ground.stop(), 60_000);

    it(
      `keeps its promises over ${ROUNDS} rounds`,
      async () => {
        const random = seeded(SEED);
        const history = new History();
        const outages: Outage[] = [];
        const atFault = new Set<string>();
        const file = join(ground.folder, 'intervals');
        writeFileSync(file, '');
        const urlOf = (node: string): string => ground.process(node).url;
        const options = { urlOf, nodes: NODES, history, random: seeded(SEED + 1), file };
        const followers = NODES.map(() => new EventFollower(options));
        const takers = [new LockTaker(options), new LockTaker(options)];
        for (const taker of takers) taker.mayBeLost = (node) => atFault.has(node);
        const clients = [
          ...['x', 'y', 'z'].map((name) => new Submitter(options, name)),
          ...followers,
          ...takers,
          new UserChanger(options),
        ];
        for (const client of clients) client.start();
        const faults: string[] = [];
        for (let round = 1; round <= ROUNDS; round += 1) {
          const fault = await drawFault(ground, NODES, random);
          faults.push(fault.name);
          const from = nowMs();
          for (const node of fault.nodes) atFault.add(node);
          await fault.begin();
          await delay(1_000 + random() * 11_000);
          await fault.end();
          await peace(ground, history, `round ${round}, ${fault.name}`);
          for (const node of fault.nodes) atFault.delete(node);
          if (fault.nodes.length > 0) outages.push({ from, to: nowMs() });
        }
        await Promise.all(clients.map((client) => client.stop()));
        const rows = await settled(ground);
        judge(history, rows, marksOf(file), outages);
        for (const follower of followers) {
          if (follower.hadGap) continue;
          const untold = history.submitted.filter(({ id }) => !follower.told.has(id));
          // what was submitted before its first subscription it could not be told
          if (untold.length > history.submitted.length / 2) {
            history.violate(`a follower without a gap was told nothing of ${untold.length} tasks`);
          }
        }
        const counts = { ...history.counts, tasks: rows.length };
        console.log(JSON.stringify({ seed: SEED, rounds: ROUNDS, counts, faults }));
        expect(history.counts.submits).toBeGreaterThan(ROUNDS);
        expect(history.violations.slice(0, SHOWN)).toEqual([]);
      },
      ROUNDS * ROUND_MS,
    );
  },
);

/** Every node answers, sees the same leader, and takes a submit; terms only rise. */
async function peace(ground: ClusterGround, history: History, when: string): Promise<void> {
  const deadline = Date.now() + PEACE_MS;
  let reason = '';
  while (Date.now() < deadline) {
    try {
      const leaders = await Promise.all(
        NODES.map(async (node) => {
          const session = await NodeSession.open(node, ground.process(node).url);
          try {
            return await session.call<{ node: string; term: number } | null>('cluster.get_leader');
          } finally {
            session.close();
          }
        }),
      );
      const [first] = leaders;
      if (first != null && leaders.every((leader) => leader?.term === first.term)) {
        if (first.term < (history.terms.at(-1) ?? 0)) history.violate(`term fell to ${first.term}`);
        history.terms.push(first.term);
        return;
      }
      reason = `leaders ${JSON.stringify(leaders)}`;
    } catch (error) {
      reason = String(error);
    }
    await delay(250);
  }
  throw new Error(`No peace within ${PEACE_MS} ms after ${when}: ${reason}\n${ground.lastWords()}`);
}

interface Row {
  readonly id: number;
  readonly state: string;
}

/** The rows of all tasks, once none is unfinished. */
async function settled(ground: ClusterGround): Promise<readonly Row[]> {
  const session = await NodeSession.open('n1', ground.process('n1').url);
  const unfinished = [['state', 'nin', ['FINISHED', 'FAILED', 'ABORTED']]];
  const wait = async (): Promise<void> => {
    while ((await session.call<number>('task.query', unfinished, { count: true })) > 0) {
      await delay(250);
    }
  };
  await within('the end of all tasks', wait(), 90_000);
  const rows = await session.call<[number, string][]>('task.query', null, {
    select: ['id', 'state'],
  });
  session.close();
  return rows.map(([id, state]) => ({ id, state }));
}
