import { Type } from 'class-transformer';
import { IsArray, IsInt, IsNumber, IsOptional, IsString, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { h, SchemaRegistry } from '../index.js';

class Point {
  @IsNumber() x!: number;
  @IsNumber() @IsOptional() y?: number;
}

describe('classes in the registry', () => {
  class Person {
    @IsString() name!: string;
    @ValidateNested() @IsOptional() parent?: Person;
    @IsArray() @ValidateNested() @Type(() => Pet) @IsOptional() pets?: Pet[];
  }
  class Pet {
    @IsString() name!: string;
    @ValidateNested() @Type(() => Person) owner!: Person;
  }

  it('are referred to by the name they are registered under', () => {
    const schemas = new SchemaRegistry();
    schemas.define('Place', Point);
    expect(schemas.toJsonSchema(h.array(Point))).toEqual({
      type: 'array',
      items: { $ref: '#/definitions/Place' },
    });
    schemas.undefine('Place');
    expect(schemas.toJsonSchema(Point)).toHaveProperty('properties');
  });

  it('refer to one another whatever the order of registration', () => {
    class Outer {
      @ValidateNested() point!: Point;
    }
    const [one, other] = [new SchemaRegistry(), new SchemaRegistry()];
    one.define('Outer', Outer);
    one.define('Point', Point);
    other.define('Point', Point);
    other.define('Outer', Outer);
    expect(one.document()).toEqual(other.document());
    expect(one.hash()).toBe(other.hash());
    expect(one.document()).toMatchObject({
      definitions: { Outer: { properties: { point: { $ref: '#/definitions/Point' } } } },
    });
  });

  it('are registered by themselves when recursive, and validate to any depth', () => {
    const schemas = new SchemaRegistry();
    const validator = schemas.compileArguments([Person], { owner: 'people' });
    expect(validator.schemas).toEqual([{ $ref: '#/definitions/Person' }]);
    expect(schemas.names()).toEqual(['Person']);
    const pets = [{ name: 'rex', owner: { name: 'b', parent: { name: 1 } } }];
    expect(validator.validate([{ name: 'a', pets }])).toEqual([
      { path: [0, 'pets', 0, 'owner', 'parent', 'name'], message: 'must be string', code: 22 },
    ]);
    schemas.undefineOwned('people');
    expect(schemas.names()).toEqual([]);
  });

  it('exchange a name of their own for the one they are registered under', () => {
    const schemas = new SchemaRegistry();
    schemas.toJsonSchema(Person, { owner: 'people' });
    schemas.define('Human', Person, { owner: 'people' });
    expect(schemas.names()).toEqual(['Human']);
    schemas.define('Pet', Pet, { owner: 'people' });
    expect(schemas.document()).toMatchObject({
      definitions: {
        Human: { properties: { parent: { anyOf: [{ $ref: '#/definitions/Human' }, {}] } } },
      },
    });
  });

  it('are kept apart when only their names are equal', () => {
    const make = (type: typeof IsString | typeof IsInt) => {
      class Same {
        @type() value!: unknown;
      }
      return Same;
    };
    const [Text, Whole] = [make(IsString), make(IsInt)];
    const schemas = new SchemaRegistry();
    schemas.define('Text', Text);
    expect(schemas.toJsonSchema({ allOf: [Text, Whole] })).toMatchObject({
      allOf: [{ $ref: '#/definitions/Text' }, { properties: { value: { type: 'integer' } } }],
    });
    expect(() => schemas.define('Text', Whole, { owner: 'b' })).toThrow(
      /Text of b is already registered by server/,
    );
  });
});
