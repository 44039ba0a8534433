/** A node that stands for leadership; the term is the parent's, and it tells what it is when it was stopped. */
import { NatsLeadership } from '../../src/cluster/nats/index.js';
import { linkTo } from '../support/nats-nodes.js';

const [url = '', cluster = '', lease = ''] = process.argv.slice(2);
const leaseMs = Number(lease);

const waiting = new Map<number, (answer: never) => void>();
let asked = 0;

function ask<T>(what: string, from = 0): Promise<T> {
  asked += 1;
  process.send?.({ ask: asked, what, from });
  return new Promise<T>((resolve) => waiting.set(asked, resolve));
}

process.on('message', ({ ask: id, answer }: { ask: number; answer: never }) => {
  waiting.get(id)?.(answer);
  waiting.delete(id);
});

const link = await linkTo(url, { node: 'stopped', cluster });
const leadership = NatsLeadership.open(link, { leaseMs });
leadership.onChange((leader) => process.send?.({ leader: leader?.node ?? null }));

let lastMs = performance.now();
setInterval(() => {
  const nowMs = performance.now();
  if (nowMs - lastMs > leaseMs) process.send?.({ wokeAs: leadership.isCurrent() });
  lastMs = nowMs;
}, 10);

await leadership.campaign({
  current: () => ask<number>('current'),
  raise: (from) => ask<boolean>('raise', from),
  onRefused: () => () => undefined,
});
