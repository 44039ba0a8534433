import { describe, expect, it } from 'vitest';
import { benchEvent, rpcEvents } from './bench-event.js';
import { DeliveryLedger } from './delivery-ledger.js';

/** Delivers the message of an event, somewhere in a larger buffer, to whoever expects `seq`. */
function deliver(ledger: DeliveryLedger, seq: number, message = messageOf(seq)): boolean {
  const buffer = Buffer.from(`<<${message}>>`);
  return ledger.deliver(seq, buffer, 2, buffer.length - 2);
}

function messageOf(seq: number, added: Readonly<Record<string, unknown>> = {}): string {
  const event = { ...benchEvent(seq), ...added };
  return JSON.stringify({ namespace: 'events', name: 'event', id: null, args: event });
}

const ledgerOf = (subscribers: number, window = 2): DeliveryLedger =>
  new DeliveryLedger(rpcEvents.read, { subscribers, window });

describe('DeliveryLedger', () => {
  it('completes an event with the last subscriber that gets it', () => {
    const ledger = ledgerOf(3);
    expect(ledger.publish()).toBe(1);
    expect([deliver(ledger, 1), deliver(ledger, 1), deliver(ledger, 1)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(ledger.underWay).toBe(0);
  });

  it('lets fast subscribers run ahead of slow ones, as far as the window reaches', () => {
    const ledger = ledgerOf(2);
    ledger.publish();
    ledger.publish();
    deliver(ledger, 1);
    deliver(ledger, 2);
    expect(() => ledger.publish()).toThrow('Too many events are under way');
    expect(deliver(ledger, 1)).toBe(true);
    expect(ledger.publish()).toBe(3);
    expect(deliver(ledger, 2)).toBe(true);
    expect(deliver(ledger, 3)).toBe(false);
  });

  it('takes what the server added, as long as every subscriber gets the same', () => {
    const ledger = ledgerOf(3);
    ledger.publish();
    deliver(ledger, 1, messageOf(1, { cursor: 'e:1' }));
    expect(deliver(ledger, 1, messageOf(1, { cursor: 'e:1' }))).toBe(false);
    expect(() => deliver(ledger, 1, messageOf(1, { cursor: 'e:2' }))).toThrow(/^Event 1 was expe/);
  });

  it.each([
    ['the event before', messageOf(1)],
    ['an event that was skipped to', messageOf(3)],
    ['something that is no event', '{"namespace":"rpc","name":"error","id":null,"args":{}}'],
  ])('refuses %s in place of the expected one', (_, message) => {
    const ledger = ledgerOf(1, 4);
    for (let i = 0; i < 3; i += 1) ledger.publish();
    deliver(ledger, 1);
    expect(() => deliver(ledger, 2, message)).toThrow(/was expected|Not an event/);
  });

  it('refuses an event that nobody published yet', () => {
    const ledger = ledgerOf(1);
    expect(() => deliver(ledger, 1)).toThrow(/^Event 1 was expected/);
  });
});
