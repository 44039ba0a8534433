import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { plainToInstance, Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsInt,
  IsNotIn,
  IsNumber,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
  NotEquals,
  ValidateIf,
  ValidateNested,
  validateSync,
} from 'class-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { type SchemaClass, SchemaRegistry } from '../index.js';

class Point {
  @IsNumber() x!: number;
}
class Shape {
  @IsString() kind!: string;
}
class Circle extends Shape {
  @IsNumber() radius!: number;
}

class Nested {
  @ValidateNested() @Type(() => Point) value!: Point;
}
class Untyped {
  @ValidateNested() value!: Point;
}
class NestedList {
  @ValidateNested({ each: true }) @Type(() => Point) value!: Point[];
}
class DoubleList {
  @IsArray() @ValidateNested({ each: true }) @Type(() => Point) value!: Point[];
}
class Texts {
  @IsString({ each: true }) value!: string[];
}
class Tagged {
  @ValidateNested()
  @Type(() => Shape, {
    keepDiscriminatorProperty: true,
    discriminator: { property: 'kind', subTypes: [{ value: Circle, name: 'circle' }] },
  })
  value!: Shape;
}
class Other {
  @IsNotIn(['a']) value!: string;
}
class Unequal {
  @NotEquals('a') value!: string;
}
class OptionalOnly {
  @IsOptional() value?: number;
}
class Nulls {
  @IsArray() @IsString({ each: true }) @IsOptional({ each: true }) value!: (string | null)[];
}
class Parent {
  @MinLength(3) value!: string;
}
class Heir extends Parent {
  @MaxLength(5) declare value: string;
}
class Failing {
  @ValidateIf(() => {
    throw new Error('unforeseen');
  })
  @IsInt()
  value!: number;
}
class Grouped {
  @IsIn(['a', 'b'], { groups: ['one'] }) value!: string;
}

interface Difference {
  /** A row of the table in docs/plugins.md. */
  readonly row: string;
  readonly type: SchemaClass;
  readonly value: object;
  readonly theirs: 'fits' | 'is refused' | 'throws';
  readonly ours: 'fits' | 'is refused';
}

const point = { x: 1 };

const DIFFERENCES: readonly Difference[] = [
  {
    row: 'a property without `@IsOptional` that is absent',
    type: Nested,
    value: {},
    theirs: 'fits',
    ours: 'is refused',
  },
  {
    row: 'a property without `@IsOptional` that is absent',
    type: Other,
    value: {},
    theirs: 'fits',
    ours: 'is refused',
  },
  {
    row: 'a property without `@IsOptional` that is absent',
    type: Unequal,
    value: {},
    theirs: 'fits',
    ours: 'is refused',
  },
  {
    row: 'no list where a decorator says `each`',
    type: Texts,
    value: { value: 'a' },
    theirs: 'fits',
    ours: 'is refused',
  },
  {
    row: 'no list where a decorator says `each`',
    type: NestedList,
    value: { value: point },
    theirs: 'fits',
    ours: 'is refused',
  },
  {
    row: 'a list where one nested object is declared',
    type: Nested,
    value: { value: [point] },
    theirs: 'fits',
    ours: 'is refused',
  },
  {
    row: 'lists within the list',
    type: DoubleList,
    value: { value: [[point]] },
    theirs: 'fits',
    ours: 'is refused',
  },
  {
    row: '`@ValidateNested` without `@Type`',
    type: Untyped,
    value: { value: point },
    theirs: 'is refused',
    ours: 'fits',
  },
  {
    row: 'a tag that no subtype has',
    type: Tagged,
    value: { value: { kind: 'oval' } },
    theirs: 'fits',
    ours: 'is refused',
  },
  {
    row: '`@IsOptional` alone, beside a scalar type of TypeScript',
    type: OptionalOnly,
    value: { value: 'a' },
    theirs: 'fits',
    ours: 'is refused',
  },
  {
    row: '`@IsOptional({ each: true })`',
    type: Nulls,
    value: { value: ['a', null] },
    theirs: 'is refused',
    ours: 'fits',
  },
  {
    row: 'a decorator on an inherited property',
    type: Heir,
    value: { value: 'a' },
    theirs: 'fits',
    ours: 'is refused',
  },
  {
    row: 'a condition that throws',
    type: Failing,
    value: { value: 'a' },
    theirs: 'throws',
    ours: 'is refused',
  },
  {
    row: 'a condition that throws',
    type: Failing,
    value: { value: 1 },
    theirs: 'throws',
    ours: 'fits',
  },
];

function theirVerdict(type: SchemaClass, value: object): Difference['theirs'] {
  const instance = plainToInstance(type as new () => object, structuredClone(value));
  try {
    const errors = validateSync(instance, { whitelist: true, forbidNonWhitelisted: true });
    return errors.length === 0 ? 'fits' : 'is refused';
  } catch {
    return 'throws';
  }
}

function ourVerdict(type: SchemaClass, value: object): Difference['ours'] {
  const errors = new SchemaRegistry().compileArguments([type]).validate([value]);
  return errors === null ? 'fits' : 'is refused';
}

let rows: string;
beforeAll(async () => {
  rows = await readFile(new URL('../../../docs/plugins.md', import.meta.url), 'utf8');
});

describe('where a class means something else than to class-validator', () => {
  it.each(DIFFERENCES)('$row: $theirs there, $ours here', ({ row, type, value, theirs, ours }) => {
    expect([theirVerdict(type, value), ourVerdict(type, value)]).toEqual([theirs, ours]);
    expect(rows).toContain(`| ${row} |`);
  });

  it('has all of them in the table of the page, and no other', () => {
    const [, table = ''] = /class-validator says \|[^]*?\n([^]*?)\n\n/.exec(rows) ?? [];
    const told = [...table.matchAll(/^\| (.*?) \|/gm)].map(([, row]) => row);
    expect(told.filter((row) => !row?.startsWith('---'))).toEqual([
      ...new Set(DIFFERENCES.map(({ row }) => row)),
    ]);
  });
});

it('groups are of no account, as they are not there without a group that is asked for', () => {
  for (const value of [{ value: 'a' }, { value: 'c' }]) {
    expect(ourVerdict(Grouped, value)).toBe(theirVerdict(Grouped, value));
  }
});
