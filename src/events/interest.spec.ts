import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { compileMask } from '../common/index.js';
import { Interest, type InterestWatcher, type Unwatch } from './interest.js';

let said: string[];
let reported: unknown[];
let interest: Interest;

beforeEach(() => {
  said = [];
  reported = [];
  interest = new Interest((event, error) => reported.push([event, error]));
});

const teller = (who = ''): InterestWatcher => ({
  enable: (event) => void said.push(`${who}+${event}`),
  disable: (event) => void said.push(`${who}-${event}`),
});

describe('interest in a watched event', () => {
  it('begins with the first mask that matches and ends with the last', () => {
    interest.watch('disk.attached', teller());
    interest.add('user.*');
    interest.add('disk.*');
    interest.add('disk.*');
    interest.add('disk.attached');
    expect(said).toEqual(['+disk.attached']);
    expect(interest.countOf('disk.attached')).toBe(3);
    interest.remove('disk.*');
    interest.remove('disk.attached');
    expect(said).toEqual(['+disk.attached']);
    interest.remove('disk.*');
    expect(said).toEqual(['+disk.attached', '-disk.attached']);
  });

  it('is told at once to a watch that comes after the subscribers', () => {
    interest.add('*');
    interest.watch('a', teller());
    expect(said).toEqual(['+a']);
  });

  it('ends with the watch, and a watch that was not enabled ends in silence', () => {
    const unwatch = interest.watch('a', teller());
    interest.watch('b', teller())();
    interest.add('a');
    unwatch();
    unwatch();
    interest.remove('a');
    expect(said).toEqual(['+a', '-a']);
  });

  it('takes no harm from removing what nobody added', () => {
    interest.watch('a', teller());
    interest.remove('a');
    interest.add('a');
    expect(said).toEqual(['+a']);
  });

  it('reaches the other watchers when one throws or rejects', async () => {
    interest.watch('a', {
      enable: () => {
        throw new Error('boom');
      },
    });
    interest.watch('a', { enable: () => Promise.reject(new Error('late')) });
    interest.watch('a', teller());
    interest.add('a');
    expect(said).toEqual(['+a']);
    await vi.waitFor(() => expect(reported).toHaveLength(2));
  });

  it('is told in the end as it is when a watcher takes it back while it is being told', () => {
    interest.watch('a', { enable: () => interest.remove('a') });
    interest.watch('a', teller());
    interest.add('a');
    expect(said).toEqual([]);
    expect(interest.countOf('a')).toBe(0);
  });

  it('may be watched from within a watcher', () => {
    interest.watch('a', { enable: () => void interest.watch('a.more', teller()) });
    interest.add('a*');
    expect(said).toEqual(['+a.more']);
  });
});

const MASKS = ['a', 'b', 'a.b', '*', 'a*', '?', '[ab]', 'a.*', '*.b', '['];
const NAMES = ['a', 'b', 'a.b', 'a.c', 'c.b', '['];

type Step =
  | { readonly do: 'subscribe' | 'unsubscribe'; readonly who: number; readonly mask: string }
  | { readonly do: 'disconnect'; readonly who: number }
  | { readonly do: 'watch' | 'unwatch'; readonly name: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('subscribe' as const, 'unsubscribe' as const),
    who: fc.nat(3),
    mask: fc.constantFrom(...MASKS),
  }),
  fc.record({ do: fc.constant('disconnect' as const), who: fc.nat(3) }),
  fc.record({
    do: fc.constantFrom('watch' as const, 'unwatch' as const),
    name: fc.constantFrom(...NAMES),
  }),
);

/** Subscribers as connections keep them: a set of masks each. */
class Model {
  readonly masks = new Map<number, Set<string>>();
  readonly watches = new Map<string, Unwatch>();
  readonly enabled = new Map<string, boolean>();
  readonly interest = new Interest((_, error) => {
    throw error;
  });

  apply(action: Step): void {
    if ('name' in action) {
      this.#watch(action.do, action.name);
      return;
    }
    const masks = this.masks.get(action.who) ?? new Set();
    this.masks.set(action.who, masks);
    if (action.do === 'disconnect') {
      for (const mask of masks) this.interest.remove(mask);
      masks.clear();
    } else if (action.do === 'unsubscribe') {
      if (masks.delete(action.mask)) this.interest.remove(action.mask);
    } else if (!masks.has(action.mask)) {
      masks.add(action.mask);
      this.interest.add(action.mask);
    }
  }

  pairs(name: string): number {
    const all = [...this.masks.values()].flatMap((masks) => [...masks]);
    return all.filter((mask) => compileMask(mask)(name)).length;
  }

  #watch(action: 'watch' | 'unwatch', name: string): void {
    const present = this.watches.get(name);
    if (action === 'unwatch') {
      present?.();
      this.watches.delete(name);
    } else if (present === undefined) {
      this.enabled.set(name, false);
      const told = (next: boolean) => (event: string) => {
        expect([event, this.enabled.get(name)]).toEqual([name, !next]); // the calls alternate
        this.enabled.set(name, next);
      };
      this.watches.set(
        name,
        this.interest.watch(name, { enable: told(true), disable: told(false) }),
      );
    }
  }
}

describe('interest, in whatever order things come and go', () => {
  it('is always what counting everything anew would give', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const model = new Model();
        for (const action of steps) {
          model.apply(action);
          for (const name of NAMES) {
            expect(model.interest.countOf(name)).toBe(model.pairs(name));
            const isEnabled = model.enabled.get(name) ?? false;
            expect(isEnabled).toBe(model.watches.has(name) && model.pairs(name) > 0);
          }
        }
      }),
    );
  });
});

describe('what other nodes want', () => {
  it('enables sources like what is wanted here, and is not told to them', () => {
    const told: string[] = [];
    const steps: string[] = [];
    const interest = new Interest(
      () => undefined,
      (mask, isWanted) => void told.push(`${mask} ${isWanted}`),
    );
    interest.watch('disk.added', {
      enable: () => void steps.push('enable'),
      disable: () => void steps.push('disable'),
    });
    interest.wantElsewhere('disk.*', true);
    interest.add('disk.*');
    interest.add('disk.*');
    interest.remove('disk.*');
    interest.remove('disk.*');
    expect(steps).toEqual(['enable']);
    interest.remove('disk.*');
    interest.wantElsewhere('disk.*', false);
    interest.wantElsewhere('disk.*', false);
    expect(steps).toEqual(['enable', 'disable']);
    expect(interest.countOf('disk.added')).toBe(0);
    expect(told).toEqual(['disk.* true', 'disk.* false']);
  });
});
