import { Exclude, Expose, Transform } from 'class-transformer';
import {
  ArrayUnique,
  IsArray,
  IsDivisibleBy,
  IsEmail,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  IsUppercase,
  Max,
  Min,
  MinLength,
  Validate,
  type ValidationArguments,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { describe, expect, it } from 'vitest';
import { type SchemaClass, SchemaRegistry } from '../../src/schema/index.js';

/** What the decorators of a class say, and what is made of it (findings V5 to V8). */
function errorsOf(type: SchemaClass, value: object): string[] {
  const errors = new SchemaRegistry().compileArguments([type]).validate([value]) ?? [];
  return errors.map(({ path, message }) => `${path.slice(1).join('.')}: ${message}`);
}

const refusalOf = (type: SchemaClass): (() => unknown) => {
  return () => new SchemaRegistry().compileArguments([type]);
};

const seen: ValidationArguments[] = [];
@ValidatorConstraint()
class BelowLimit implements ValidatorConstraintInterface {
  validate(value: unknown, args: ValidationArguments): boolean {
    seen.push(args);
    return Number(value) < (args.object as { limit: number }).limit;
  }
  defaultMessage({ property, value }: ValidationArguments): string {
    return `${property} has ${String(value)}`;
  }
}

describe('V5: a check of each element', () => {
  class Limited {
    @IsInt() limit!: number;
    @Validate(BelowLimit, { each: true }) counts!: number[];
    @IsOptional() @Validate(BelowLimit, { each: true }) more?: number[];
  }

  it('V5: gets the object that owns the list, and the element', () => {
    seen.length = 0;
    const value = { limit: 3, counts: [1, 2], more: [0] };
    expect(errorsOf(Limited, value)).toEqual([]);
    expect(seen.map(({ object, value: item }) => [object, item as unknown])).toEqual([
      [value, 1],
      [value, 2],
      [value, 0],
    ]);
  });

  it('V5: names the element that fails, in an optional list too', () => {
    expect(errorsOf(Limited, { limit: 3, counts: [1, 5, 7], more: [9] })).toEqual([
      'counts.1: has 5',
      'counts.2: has 7',
      'more.0: has 9',
    ]);
  });

  it('V5: refuses what is no list', () => {
    expect(errorsOf(Limited, { limit: 3, counts: 1 })).toEqual(['counts: must be array']);
  });

  it('V5: so it does for a decorator that is checked by its function', () => {
    class Mails {
      @IsEmail({}, { each: true }) to!: string[];
    }
    expect(errorsOf(Mails, { to: ['a@example.org', 'b'] })).toEqual(['to.1: must be an email']);
  });
});

describe("V6: the author's text", () => {
  class Worded {
    @MinLength(3, { message: 'CUSTOM' }) name!: string;
    @Min(1, { message: ({ constraints: [limit] }) => `at least ${String(limit)}, please` })
    @Max(9, { message: '$property of $target: up to $constraint1' })
    count!: number;
    @IsIn(['a', 'b'], { each: true, message: 'A OR B' }) choices!: string[];
    @IsDivisibleBy(0.01, { message: 'CENTS' }) price!: number;
    @IsNotEmpty({ message: 'NOT EMPTY' }) @IsString() text!: string;
  }
  const fine = { name: 'abc', count: 5, choices: ['a'], price: 19.99, text: 'x' };

  it('V6: is used for every decorator that becomes a keyword', () => {
    expect(errorsOf(Worded, fine)).toEqual([]);
    expect(errorsOf(Worded, { ...fine, name: 'ab' })).toEqual(['name: CUSTOM']);
    expect(errorsOf(Worded, { ...fine, count: 0 })).toEqual(['count: at least 1, please']);
    expect(errorsOf(Worded, { ...fine, count: 10 })).toEqual(['count: of Worded: up to 9']);
    expect(errorsOf(Worded, { ...fine, choices: ['a', 'c'] })).toEqual(['choices.1: A OR B']);
    expect(errorsOf(Worded, { ...fine, price: 19.995 })).toEqual(['price: CENTS']);
    expect(errorsOf(Worded, { ...fine, text: '' })).toEqual(['text: NOT EMPTY']);
  });

  it('V6: takes nothing from what clients are told, nor from a rule beside it', () => {
    class Both {
      @MinLength(5, { message: 'FIVE' }) @MinLength(3) @IsString({ message: 'TEXT' }) name!: string;
    }
    expect(new SchemaRegistry().toJsonSchema(Worded)).toMatchObject({
      properties: { name: { type: 'string', minLength: 3 }, count: { minimum: 1, maximum: 9 } },
    });
    expect(errorsOf(Both, { name: 'abcd' })).toEqual(['name: FIVE']);
    expect(errorsOf(Both, { name: 'ab' })).toContain('name: FIVE');
    expect(errorsOf(Both, { name: 1 })).toContain('name: TEXT');
  });
});

describe('V7: an inherited property', () => {
  class Parent {
    @MinLength(3) name!: string;
    @Min(1) count!: number;
  }
  class Child extends Parent {
    @IsUppercase() declare name: string;
    @Max(9) declare count: number;
  }
  class Grandchild extends Child {
    @MinLength(5) declare name: string;
  }

  it('V7: keeps the rules of its parents beside its own', () => {
    expect(errorsOf(Child, { name: 'ABC', count: 5 })).toEqual([]);
    expect(errorsOf(Child, { name: 'AB', count: 0 })).toHaveLength(2);
    expect(errorsOf(Child, { name: 'abc', count: 10 })).toHaveLength(2);
    expect(errorsOf(Grandchild, { name: 'ABCDE', count: 1 })).toEqual([]);
    expect(errorsOf(Grandchild, { name: 'abcd', count: 1 })).toHaveLength(2);
    expect(errorsOf(Parent, { name: 'abc', count: 99 })).toEqual([]);
  });

  it('V7: with two types that contradict each other is an error when it is loaded', () => {
    class Numeric extends Parent {
      @IsInt() declare name: never;
    }
    expect(refusalOf(Numeric)).toThrow('Numeric.name: decorators ask for type');
  });
});

describe('V8: what decorators say besides', () => {
  it('V8: elements may be null, the list may not', () => {
    class Nulls {
      @IsOptional({ each: true }) @IsString({ each: true }) names!: (string | null)[];
      @IsOptional({ each: true }) @IsEmail({}, { each: true }) mails!: (string | null)[];
    }
    expect(errorsOf(Nulls, { names: ['a', null], mails: [null, 'a@example.org'] })).toEqual([]);
    expect(errorsOf(Nulls, { names: [1], mails: ['b'] })).toHaveLength(2);
    expect(errorsOf(Nulls, { mails: [] })).toEqual(['names: is required']);
  });

  it('V8: a value that the class gives is filled in', () => {
    class Defaults {
      @IsInt() retries = 3;
      @IsArray() @IsString({ each: true }) names: string[] = [];
      @IsString() name!: string;
    }
    const args: unknown[] = [{ name: 'a' }];
    expect(new SchemaRegistry().compileArguments([Defaults]).validate(args)).toBeNull();
    expect(args).toEqual([{ name: 'a', retries: 3, names: [] }]);
  });

  it('V8: a function of @ArrayUnique decides', () => {
    class Unique {
      @ArrayUnique(({ id }: { id: number }) => id) rows!: object[];
    }
    expect(errorsOf(Unique, { rows: [{ id: 1 }, { id: 2 }] })).toEqual([]);
    expect(errorsOf(Unique, { rows: [{ id: 1, a: 1 }, { id: 1 }] })).toHaveLength(1);
  });

  it('V8: what is not done is an error when it is loaded, naming class and property', () => {
    class Transformed {
      @Transform(({ value }) => String(value)) @IsString() a!: string;
    }
    class Renamed {
      @Expose({ name: 'b' }) @IsString() a!: string;
    }
    class Hidden {
      @Exclude() @IsString() a!: string;
    }
    class Mapped {
      @IsString({ each: true }) a!: Map<string, string>;
    }
    class Counted {
      @IsInt({ each: true }) a!: Set<number>;
    }
    expect(refusalOf(Transformed)).toThrow('Transformed.a: @Transform is unsupported');
    expect(refusalOf(Renamed)).toThrow('Renamed.a: @Expose({ name }) is unsupported');
    expect(refusalOf(Hidden)).toThrow('Hidden.a: @Exclude is unsupported');
    expect(refusalOf(Mapped)).toThrow('Mapped.a: a value from the wire is no Map');
    expect(refusalOf(Counted)).toThrow('Counted.a: a value from the wire is no Set');
  });
});
