import { describe, expect, it } from 'vitest';
import { accepts, classMetadata, h, methodMetadata, returns, Task } from '../index.js';

describe('accepts and returns', () => {
  it('leave the schemas on a method, beside what other decorators say', () => {
    const name = h.string({ minLength: 1 });
    class Reader {
      @accepts(name, h.optional(Number))
      @returns(h.array(String))
      list(prefix: string, limit?: number): string[] {
        return Array.from({ length: limit ?? 1 }, () => prefix);
      }
    }
    const metadata = methodMetadata(Reader.prototype, 'list');
    expect(metadata?.accepts?.[0]).toBe(name);
    expect(metadata?.accepts).toHaveLength(2);
    expect(metadata?.returns).toMatchObject({ type: 'array' });
  });

  it('leave them on a task class, which its subclasses do not inherit', () => {
    @accepts(String)
    @returns(null)
    class Rename extends Task {
      verify = () => [];
      run(name: string): void {
        this.environmentOf(name);
      }
      environmentOf = (name: string) => name;
    }
    class Copy extends Rename {}
    expect(classMetadata(Rename)).toEqual({ accepts: [String], returns: null });
    expect(classMetadata(Copy)).toEqual({});
  });
});
