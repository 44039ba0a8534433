import { describe, expect, it } from 'vitest';
import { RegistrationLedger } from './registration-ledger.js';

describe('RegistrationLedger', () => {
  it('undoes everything, the latest first', async () => {
    const undone: string[] = [];
    const ledger = new RegistrationLedger();
    ledger.add('provider', 'a', () => void undone.push('a'));
    ledger.add('schema', 'b', async () => {
      await Promise.resolve();
      undone.push('b');
    });
    await ledger.undoAll(() => expect.unreachable());
    expect(undone).toEqual(['b', 'a']);
    expect(ledger.size).toBe(0);
  });

  it('reports what cannot be undone and undoes the rest', async () => {
    const undone: string[] = [];
    const reports: unknown[] = [];
    const ledger = new RegistrationLedger();
    ledger.add('provider', 'a', () => void undone.push('a'));
    ledger.add('task', 'b', () => {
      throw new Error('stuck');
    });
    await ledger.undoAll((what, error) => reports.push([what, (error as Error).message]));
    expect(undone).toEqual(['a']);
    expect(reports).toEqual([['task', 'stuck']]);
  });

  it('gives out an entry once, by kind and key', () => {
    const ledger = new RegistrationLedger();
    const undo = (): void => undefined;
    ledger.add('provider', 'a', undo);
    expect(ledger.take('task', 'a')).toBeUndefined();
    expect(ledger.take('provider', 'a')).toBe(undo);
    expect(ledger.take('provider', 'a')).toBeUndefined();
  });
});
