import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { Follower, type Total } from '../support/follower.js';
import type { PlainClient } from '../support/plain-client.js';

const PLUGIN = `
import { accepts, Dispatcher, h, Plugin, Provider, provider, returns } from 'dispatcher';

let total = { count: 0, digest: 0 };
@provider('totals')
export class TotalsProvider extends Provider {
  @accepts(h.array(h.integer())) @returns(null) add(values: number[]) {
    for (const value of values) {
      total = { count: total.count + 1, digest: (total.digest * 31 + value) % 1_000_003 };
      this.dispatcher.emitEvent('total.changed', { value });
      this.dispatcher.emitEvent('total.noise', { value });
    }
    return null;
  }
  @accepts() @returns(Object) read() { return total; }
}
@Plugin({ providers: [TotalsProvider] })
export default class {}
`;

/** So few that some absences are too long for it, and others are not. */
const JOURNAL = 200;

type Step =
  | { readonly kind: 'publish'; readonly values: readonly number[] }
  | { readonly kind: 'drop' | 'connect' | 'catch up' };

const values = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 20 }) },
  { weight: 1, arbitrary: fc.nat(1_000).map((value) => Array<number>(JOURNAL).fill(value)) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('publish' as const), values }),
  fc.record({ kind: fc.constantFrom('drop', 'connect', 'catch up') }),
);

let server: PluginServer;
let publisher: PlainClient;
const resumed = { exactly: 0, overGap: 0 };

beforeAll(async () => {
  server = await PluginServer.start(
    { 'totals.ts': PLUGIN },
    { dispatcher: { limits: { 'event-journal-events': JOURNAL } } },
  );
});
afterAll(() => server.stop());

/** Publishing is never waited for: events come while connections come and go. */
async function take(each: Step, restless: Follower): Promise<void> {
  if (each.kind === 'publish') {
    publisher.send('rpc', 'call', `add-${Math.random()}`, {
      method: 'totals.add',
      args: [each.values],
    });
  } else if (each.kind === 'connect') {
    if (!restless.isConnected) await restless.connect();
  } else if (each.kind === 'drop') {
    restless.drop();
  } else {
    if (!restless.isConnected) await restless.connect();
    await restless.total();
  }
}

async function follow(steps: readonly Step[], restless: Follower): Promise<void> {
  const steady = new Follower(server.process.url);
  await steady.connect();
  for (const each of steps) await take(each, restless);
  if (!restless.isConnected) await restless.connect();
  await publisher.settled();
  const expected = await publisher.result<Total>('totals.read');
  const copies = [await steady.total(), await restless.total()];
  resumed.exactly += restless.resumed.exactly;
  resumed.overGap += restless.resumed.overGap - 1; // the first time there is nothing to go on from
  steady.drop();
  restless.drop();
  expect(copies).toEqual([expected, expected]);
}

describe('a client that loses its connection at any moment and resumes by cursor', () => {
  it.each([[[]], [['event_bursts']]])(
    'ends with the state of one that never lost it (features %j)',
    async (features) => {
      publisher = await server.admin();
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) =>
          follow(steps, new Follower(server.process.url, features)),
        ),
        { numRuns: 60 },
      );
      await server.closeClients();
    },
  );

  it('was told of gaps and resumed without any, in what was tried above', () => {
    expect(resumed.exactly).toBeGreaterThan(5);
    expect(resumed.overGap).toBeGreaterThan(5);
  });
});
