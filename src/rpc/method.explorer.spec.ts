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
    expect(explore(new Streams()).get('anything')?.fragmentValidator).toBeNull();
  });
});
