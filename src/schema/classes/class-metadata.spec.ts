import { Exclude, Expose, Transform, Type } from 'class-transformer';
import { IsArray, IsEmail, IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { classMetadataTargets, purgeClassMetadata, SchemaRegistry } from '../index.js';

/** What a plugin's file does each time it is loaded: new classes of the same names. */
function loadClasses() {
  class Address {
    @IsString() street!: string;
  }
  class Person {
    @IsString() @Expose() name!: string;
    @IsEmail() mail!: string;
    @IsInt() @IsOptional() age?: number;
    @ValidateNested() @Type(() => Address) address!: Address;
    @IsArray() @ValidateNested({ each: true }) @Type(() => Person) friends!: Person[];
  }
  /** Never a schema, where these two are refused; the libraries keep it all the same. */
  class Internal {
    @Transform(({ value }) => value as unknown) raw!: string;
    @Exclude() secret!: string;
  }
  return { Address, Person, Internal };
}

describe('the metadata of classes', () => {
  it('knows the classes and constraints that decorators registered', () => {
    const before = classMetadataTargets();
    const { Address, Person, Internal } = loadClasses();
    const added = [...classMetadataTargets()].filter((target) => !before.has(target));
    expect(added).toEqual(expect.arrayContaining([Address, Person, Internal]));
    purgeClassMetadata(added);
    expect(classMetadataTargets()).toEqual(before);
  });

  it('is forgotten for the given classes only', () => {
    const { Address, Person } = loadClasses();
    purgeClassMetadata([Person]);
    const schemas = new SchemaRegistry();
    expect(() => schemas.toJsonSchema(Person)).toThrow('class Person has no property');
    expect(schemas.toJsonSchema(Address)).toMatchObject({ required: ['street'] });
    purgeClassMetadata([Address]);
  });
});
