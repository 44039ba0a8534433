import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterGround } from '../../support/cluster-ground.js';

/** What goes wrong in a round, to whom, and for how long. */
export interface Fault {
  readonly name: string;
  /** Nodes that what they ran may be lost of. */
  readonly nodes: readonly string[];
  begin(): Promise<void>;
  end(): Promise<void>;
}

type Random = () => number;

const pick = <T>(random: Random, from: readonly T[]): T =>
  from[Math.floor(random() * from.length)]!;

/** A fault that the seed decides on. */
export async function drawFault(
  ground: ClusterGround,
  nodes: readonly string[],
  random: Random,
): Promise<Fault> {
  const node = pick(random, nodes);
  const leader = async (): Promise<string> => {
    for (const seenFrom of nodes) {
      const found = await ground.leader(seenFrom).catch(() => null);
      if (found !== null) return found;
    }
    return node;
  };
  const nats = pick(random, ground.nats);
  switch (Math.floor(random() * 8)) {
    case 0:
      return killed(ground, node);
    case 1:
      return killed(ground, await leader());
    case 2:
      return stopped(ground, node);
    case 3:
      return stopped(ground, await leader());
    case 4:
      return {
        name: 'a NATS server is killed',
        nodes: [],
        begin: () => nats.kill(),
        end: () => nats.resume(),
      };
    case 5:
      return {
        name: 'all NATS servers are killed',
        nodes: [],
        begin: () => each(ground.nats.map((server) => server.kill())),
        end: () => each(ground.nats.map((server) => server.resume())),
      };
    case 6:
      return cut(ground, node, ['nats']);
    default:
      if (!ground.mayCutStore) return cut(ground, node, ['nats']);
      return cut(ground, node, pick(random, [['store'], ['nats', 'store']] as const));
  }
}

async function each(deeds: readonly Promise<unknown>[]): Promise<void> {
  await Promise.all(deeds);
}

function killed(ground: ClusterGround, node: string): Fault {
  return {
    name: `${node} is killed`,
    nodes: [node],
    begin: () => ground.kill(node),
    end: () => each([ground.up(node)]),
  };
}

/** A process that stands still for longer than its lease finds itself deposed when it goes on. */
function stopped(ground: ClusterGround, node: string): Fault {
  const { child } = ground.process(node);
  return {
    name: `${node} is stopped`,
    nodes: [node],
    begin: () => {
      child.kill('SIGSTOP');
      return Promise.resolve();
    },
    end: async () => {
      child.kill('SIGCONT');
      await delay(100);
      // a node that was taken for lost may have ended for that; then it is started again, as its manager would
      if (ground.process(node).hasExited) await ground.up(node);
    },
  };
}

function cut(ground: ClusterGround, node: string, from: readonly ('nats' | 'store')[]): Fault {
  return {
    name: `${node} is cut off from ${from.join(' and ')}`,
    nodes: [node],
    begin: () => {
      for (const what of from) ground.cut(node, what);
      return Promise.resolve();
    },
    end: async () => {
      ground.heal(node);
      await delay(100);
      if (ground.process(node).hasExited) await ground.up(node);
    },
  };
}
