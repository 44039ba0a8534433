import { describe, expect, it } from 'vitest';
import { SchemaRegistry } from '../schema/index.js';
import {
  accepts,
  deprecated,
  description,
  generator,
  h,
  params,
  query,
  requireRoles,
  returns,
  type Sender,
  sender,
  signal,
  unauthenticated,
} from '../sdk/index.js';
import { exploreService } from './method.explorer.js';
import { ServiceOwner } from './service-owner.js';

const explore = (instance: object) =>
  exploreService(
    { service: 'sample', instance, owner: new ServiceOwner('sample') },
    new SchemaRegistry(),
  ).methods;

describe('a generator function', () => {
  class Unmarked {
    @description('Counts') async *count(): AsyncGenerator<number> {
      yield await Promise.resolve(1);
    }
  }
  class UnmarkedPlain {
    @description('Counts') *count(): Generator<number> {
      yield 1;
    }
  }

  it.each([new Unmarked(), new UnmarkedPlain()])(
    'without @generator() is refused, for its callers would get {}',
    (instance) => {
      expect(() => explore(instance)).toThrow(
        'Method sample.count: it is a generator function: mark it with @generator()',
      );
    },
  );
});

describe('the check of some items of a streamed array', () => {
  class Streaming {
    @generator() @returns(h.ref('Numbers')) *numbers(): Generator<number> {
      yield 1;
    }
  }
  const schemas = new SchemaRegistry();
  const source = { service: 'sample', owner: new ServiceOwner('sample') };
  const { methods } = exploreService({ ...source, instance: new Streaming() }, schemas);
  const check = (method: string, items: unknown[]): unknown =>
    methods.get(method)?.fragmentValidator?.validate(items);

  it('finds the array behind references, and again when it changes', () => {
    expect(() => check('numbers', [1])).toThrow('Numbers is not registered');
    schemas.define('Integers', h.array(h.integer()));
    schemas.define('Numbers', h.ref('Integers'));
    expect(check('numbers', [1, 2])).toBeNull();
    expect(check('numbers', [1, 'x'])).toMatchObject([{ path: [1] }]);
    schemas.undefine('Integers');
    schemas.define('Integers', h.array(h.string()));
    expect(check('numbers', ['x'])).toBeNull();
    expect(check('numbers', [1])).toMatchObject([{ path: [0] }]);
  });
});

describe('a method is offered to callers', () => {
  class Offered {
    @description('Says it') described(): void {}
    @accepts() accepting(): void {}
    @returns(null) returning(): null {
      return null;
    }
    @query(h.object({ id: h.integer() })) querying(): unknown {
      return [];
    }
    @generator() generating(): number[] {
      return [];
    }
  }

  class Kept {
    @unauthenticated() open(): void {}
    @requireRoles('operator') restricted(): void {}
    @deprecated('gone') old(): void {}
    @params('a') named(a: string): string {
      return a;
    }
    helper(@sender() caller: Sender): string | null {
      return caller.user;
    }
    waiting(@signal() aborted: AbortSignal): boolean {
      return aborted.aborted;
    }
  }

  it('by any decorator that describes its interface', () => {
    expect([...explore(new Offered()).keys()]).toEqual([
      'described',
      'accepting',
      'returning',
      'querying',
      'generating',
    ]);
  });

  it('but not by one that only says more about an offered method', () => {
    expect([...explore(new Kept()).keys()]).toEqual([]);
  });
});

describe('the fragments of a generator', () => {
  class Streams {
    @returns(h.array(h.integer(), { minItems: 3 })) @generator() typed(): number[] {
      return [];
    }
    @returns(Object) @generator() anything(): object {
      return [];
    }
  }

  it('are checked by the items of the array that the method declares', () => {
    const validator = explore(new Streams()).get('typed')?.fragmentValidator;
    expect(validator?.validate([1])).toBeNull();
    expect(validator?.validate(['one'])).toMatchObject([{ path: [0] }]);
  });

  it('are not checked when the method does not say what the items are', () => {
    const validator = explore(new Streams()).get('anything')?.fragmentValidator;
    expect(validator?.validate(['one', 2])).toBeNull();
  });
});
