import { Expose, Type } from 'class-transformer';
import {
  Allow,
  ArrayContains,
  ArrayMaxSize,
  ArrayMinSize,
  ArrayNotEmpty,
  ArrayUnique,
  Contains,
  Equals,
  IsArray,
  IsBoolean,
  IsDate,
  IsDefined,
  IsEmail,
  IsEnum,
  IsIn,
  IsInstance,
  IsInt,
  IsIP,
  IsNotEmpty,
  IsNotIn,
  IsNumber,
  IsObject,
  IsOptional,
  IsPositive,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  registerDecorator,
  Validate,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
} from 'class-validator';
import { describe, expect, it } from 'vitest';
import { Password } from '../../common/index.js';
import { h, type JsonSchema, type SchemaArg, SchemaRegistry } from '../index.js';

const schemaOf = (type: SchemaArg) => new SchemaRegistry().toJsonSchema(type);
const propertiesOf = (type: SchemaArg) => schemaOf(type)['properties'] as JsonSchema;

function errorsOf(type: SchemaArg, value: unknown): string[] {
  const errors = new SchemaRegistry().compileArguments([type]).validate([value]) ?? [];
  return errors.map(({ path, message }) => `${path.join('.')} ${message}`);
}

enum Level {
  Low,
  High,
}
enum State {
  On = 'on',
  Off = 'off',
}

class Point {
  @IsNumber() x!: number;
  @IsNumber() @IsOptional() y?: number;
}

describe('the schema of a class', () => {
  it('says what the common decorators say', () => {
    class Thing {
      @IsString() @Length(1, 8) name!: string;
      @MinLength(2) @MaxLength(3) code!: string;
      @Matches(/^[a-z]+$/) word!: string;
      @Contains('a.b') part!: string;
      @IsInt() @Min(0) @Max(9) digit!: number;
      @IsNumber() @IsPositive() ratio!: number;
      @IsBoolean() flag!: boolean;
      @IsEnum(Level) level!: Level;
      @IsEnum(State) state!: State;
      @IsIn(['a', 1]) choice!: unknown;
      @IsNotIn(['b']) other!: string;
      @Equals('Thing') kind!: string;
      @IsObject() extra!: object;
      @IsArray() @ArrayMinSize(1) @ArrayMaxSize(3) @ArrayUnique() list!: unknown[];
      @ArrayNotEmpty() @IsString({ each: true }) @MinLength(1, { each: true }) names!: string[];
      @ArrayContains(['x']) marks!: string[];
      @IsNotEmpty() title!: string;
      @Allow() anything!: unknown;
    }
    expect(propertiesOf(Thing)).toEqual({
      name: { type: 'string', minLength: 1, maxLength: 8 },
      code: { type: 'string', minLength: 2, maxLength: 3 },
      word: { type: 'string', pattern: '^[a-z]+$' },
      part: { type: 'string', pattern: 'a\\.b' },
      digit: { type: 'integer', minimum: 0, maximum: 9 },
      ratio: { type: 'number', exclusiveMinimum: 0 },
      flag: { type: 'boolean' },
      level: { enum: [0, 1] },
      state: { enum: ['on', 'off'] },
      choice: { enum: ['a', 1] },
      other: { type: 'string', not: { enum: ['b'] } },
      kind: { const: 'Thing' },
      extra: { type: 'object' },
      list: { type: 'array', minItems: 1, maxItems: 3, uniqueItems: true },
      names: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
      marks: { type: 'array', allOf: [{ contains: { const: 'x' } }] },
      title: { type: 'string', not: { enum: ['', null] } },
      anything: {},
    });
    const required = schemaOf(Thing)['required'] as string[];
    expect(required).toHaveLength(17);
    expect(required).not.toContain('anything');
  });

  it('refuses unknown properties, as typing errors', () => {
    expect(schemaOf(Point)).toMatchObject({ additionalProperties: false, required: ['x'] });
    expect(errorsOf(Point, { x: 1, z: 1 })).toEqual(['0.z is not a known property']);
  });

  it('admits null for an optional property, as class-validator does', () => {
    class Optional {
      @IsOptional() @IsEnum(State) state?: State;
      @IsOptional() @ValidateNested() point?: Point;
      @IsOptional() @IsEmail() mail?: string;
      @IsOptional() @IsDefined() always?: string;
    }
    expect(schemaOf(Optional)).not.toHaveProperty('required');
    expect(propertiesOf(Point)['y']).toEqual({ type: ['number', 'null'] });
    expect(propertiesOf(Optional)['state']).toEqual({ enum: ['on', 'off', null] });
    const value = { state: null, point: null, mail: null, always: 'x' };
    expect(errorsOf(Optional, value)).toEqual([]);
    expect(errorsOf(Optional, { always: null })).toEqual([]);
  });

  it('follows nested classes, in arrays too', () => {
    class Shape {
      @ValidateNested() center!: Point;
      @ValidateNested({ each: true }) @Type(() => Point) corners!: Point[];
      @IsArray() @ValidateNested() @Type(() => Point) holes!: Point[];
    }
    const point = schemaOf(Point);
    expect(propertiesOf(Shape)).toEqual({
      center: point,
      corners: { type: 'array', items: point },
      holes: { type: 'array', items: point },
    });
    expect(errorsOf(Shape, { center: {}, corners: [{ x: 1 }, { x: 'a' }], holes: 1 })).toEqual([
      '0.center.x is required',
      '0.corners.1.x must be number',
      '0.holes must be array',
    ]);
  });

  it('tells nested classes apart by their tag', () => {
    class Base {
      @IsString() kind!: string;
    }
    class Circle extends Base {
      @IsNumber() radius!: number;
    }
    class Square extends Base {
      @IsNumber() side!: number;
    }
    const subTypes = [
      { value: Circle, name: 'circle' },
      { value: Square, name: 'square' },
    ];
    class Drawing {
      @ValidateNested({ each: true })
      @Type(() => Base, { discriminator: { property: 'kind', subTypes } })
      shapes!: Base[];
    }
    const shapes = [
      { kind: 'circle', radius: 1 },
      { kind: 'square', radius: 1 },
      { kind: 'oval', side: 1 },
    ];
    expect(errorsOf(Drawing, { shapes }).sort()).toEqual([
      '0.shapes.1.radius is not a known property',
      '0.shapes.1.side is required',
      '0.shapes.2.kind must be one of: circle, square',
    ]);
  });

  it('inherits properties and lets a derived class replace their decorators', () => {
    class Base {
      @IsString() name!: string;
      @IsInt() id!: number;
    }
    class Derived extends Base {
      @MaxLength(3) declare name: string;
      @IsBoolean() flag!: boolean;
    }
    expect(propertiesOf(Derived)).toEqual({
      name: { type: 'string', maxLength: 3 },
      id: { type: 'integer' },
      flag: { type: 'boolean' },
    });
    expect(propertiesOf(Base)).toEqual({ name: { type: 'string' }, id: { type: 'integer' } });
  });

  it('takes the type from TypeScript where no decorator names it', () => {
    class Typed {
      @IsOptional() text?: string;
      @IsDefined() count!: number;
      @IsDefined() when!: Date;
      @IsDefined() unknown!: unknown;
    }
    expect(propertiesOf(Typed)).toMatchObject({
      text: { type: ['string', 'null'] },
      count: { type: 'number' },
      when: { 'x-dispatcher-type': 'datetime' },
      unknown: { not: { type: 'null' } },
    });
  });

  it('knows the values that are more than JSON', () => {
    class Rich {
      @IsDate() when!: Date;
      @IsInstance(Uint8Array) data!: Uint8Array;
      @IsInstance(Password) secret!: Password;
    }
    const good = { when: new Date(), data: Buffer.from('x'), secret: new Password('x') };
    expect(errorsOf(Rich, good)).toEqual([]);
    expect(errorsOf(Rich, { when: '2020-01-01', data: 'x', secret: 1 })).toHaveLength(3);
  });

  it('shows but does not take a property that is only exposed', () => {
    class Row {
      @Expose({ toPlainOnly: true }) @IsInt() id!: number;
      @IsString() name!: string;
    }
    expect(propertiesOf(Row)['id']).toEqual({ type: 'integer', readOnly: true });
    expect(errorsOf(Row, { name: 'x' })).toEqual([]);
  });

  it('holds under a condition where @ValidateIf or the option validateIf says so', () => {
    class Backup {
      @IsIn(['disk', 'host']) to!: string;
      @ValidateIf(({ to }: Backup) => to === 'host') @IsInstance(Password) secret?: Password;
      @IsString()
      @MinLength(3, { validateIf: ({ to }: Backup) => to === 'host', message: 'too short' })
      name!: string;
    }
    const schemas = new SchemaRegistry();
    schemas.define('Backup', Backup);
    const validator = schemas.compileArguments([h.array(Backup)]);
    const errors = (...backups: unknown[]) =>
      validator.validate([backups])?.map(({ path, message }) => `${path.join('.')} ${message}`);
    const args: unknown[] = [[{ to: 'host', name: 'abc', secret: 'x' }]];
    expect(validator.validate(args)).toBeNull();
    expect((args as [[Backup]])[0][0].secret).toBeInstanceOf(Password);
    expect(errors({ to: 'disk', name: 'a' }, { to: 'host', name: 'a' })).toEqual([
      '0.1.name too short',
      '0.1.secret is required',
    ]);
    expect(errors({ to: 'host', name: 'abc', secret: 1 })).toEqual([
      '0.0.secret must be a password ({"$password": "<secret>"})',
    ]);
    expect(JSON.parse(JSON.stringify(schemaOf(Backup)))).toMatchObject({
      required: ['to', 'name'],
      properties: { secret: { anyOf: [{ 'x-dispatcher-type': 'password' }, {}] } },
    });
  });

  it('carries descriptions', () => {
    class Described {
      @IsString() name!: string;
    }
    Reflect.defineMetadata(Symbol.for('dispatcher:class'), { description: 'A thing' }, Described);
    const key = Symbol.for('dispatcher:description');
    Reflect.defineMetadata(key, 'Its name', Described.prototype, 'name');
    expect(schemaOf(Described)).toMatchObject({
      description: 'A thing',
      properties: { name: { type: 'string', description: 'Its name' } },
    });
  });
});

describe('a decorator that JSON Schema has no words for', () => {
  it('is checked by its own function, told to clients by name', () => {
    class Contact {
      @IsEmail() mail!: string;
      @IsIP(4) address!: string;
      @IsUUID('4', { each: true }) ids!: string[];
      @Matches(/^abc$/i) word!: string;
    }
    expect(JSON.parse(JSON.stringify(propertiesOf(Contact)['mail']))).toEqual({
      type: 'string',
      format: 'email',
      'x-validators': ['isEmail'],
    });
    expect(errorsOf(Contact, { mail: 'a', address: '::1', ids: ['x'], word: 'ABCD' })).toEqual([
      '0.mail must be an email',
      '0.address must be an ip address',
      '0.ids.0 must be a UUID',
      '0.word must match /^abc$/i regular expression',
    ]);
    const id = 'f47ac10b-58cc-4372-a567-0e02b2c3d479';
    const good = { mail: 'a@b.org', address: '127.0.0.1', ids: [id], word: 'ABC' };
    expect(errorsOf(Contact, good)).toEqual([]);
  });

  it('may be one of the author', () => {
    @ValidatorConstraint({ name: 'even' })
    class Even {
      validate = (value: unknown) => Number(value) % 2 === 0;
      defaultMessage = () => '$property must be even';
    }
    class Pair {
      @IsInt() @Validate(Even) size!: number;
      @LongerThan('size') list!: unknown[];
    }
    function LongerThan(other: string) {
      return (target: object, propertyName: string) => {
        registerDecorator({
          name: 'longerThan',
          target: target.constructor,
          propertyName,
          constraints: [other],
          options: { message: 'must be longer than $constraint1' },
          validator: {
            validate: (value: unknown[], args) =>
              value.length > Number((args?.object as Pair | undefined)?.size),
          },
        });
      };
    }
    expect(errorsOf(Pair, { size: 2, list: [1, 2, 3] })).toEqual([]);
    expect(errorsOf(Pair, { size: 3, list: [1] })).toEqual([
      '0.size must be even',
      '0.list must be longer than size',
    ]);
  });
});

describe('what cannot be checked', () => {
  const refusal = (type: SchemaArg): string => {
    try {
      schemaOf(type);
    } catch (error) {
      return (error as Error).message;
    }
    return 'accepted';
  };

  it('is refused when the class is registered, naming class, property and reason', () => {
    class Untyped {
      @ValidateNested() a!: unknown;
    }
    class Foreign {
      @IsInstance(Map) a!: Map<string, string>;
    }
    class LookAhead {
      @Matches(/^(?=.*\d)/) a!: string;
    }
    class Contradiction {
      @IsInt() @IsString() a!: string;
    }
    class Bare {
      a!: string;
    }
    @ValidatorConstraint({ async: true })
    class Later {
      validate = () => Promise.resolve(true);
    }
    class Asynchronous {
      @Validate(Later) a!: string;
    }
    class Idle {
      @ValidateNested({ validateIf: () => true }) a!: Point;
    }
    expect(refusal(Idle)).toContain('Idle.a: validateIf of @ValidateNested does nothing');
    expect(refusal(Untyped)).toContain('Untyped.a: @ValidateNested needs @Type');
    expect(refusal(Foreign)).toContain('Foreign.a: values from the wire are plain objects');
    expect(refusal(LookAhead)).toContain('properties.a.pattern');
    expect(refusal(Contradiction)).toContain('decorators ask for type');
    expect(refusal(Bare)).toContain('class Bare has no property with a class-validator decorator');
    expect(refusal(Asynchronous)).toContain('asynchronous checks are unsupported');
    expect(refusal(h.array(Bare))).toContain('class Bare');
  });
});
