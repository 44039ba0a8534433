import { setImmediate } from 'node:timers/promises';
import { Expose, Type } from 'class-transformer';
import { IsArray, IsEmail, IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import { expect, it } from 'vitest';
import {
  classMetadataTargets,
  h,
  purgeClassMetadata,
  SchemaRegistry,
} from '../../src/schema/index.js';
import { collectGarbage } from '../../src/system/index.js';

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
  return { Address, Person };
}

/** One life of a plugin with five methods. */
async function loadAndUnload(schemas: SchemaRegistry): Promise<WeakRef<object>> {
  await setImmediate();
  const before = classMetadataTargets();
  const { Address, Person } = loadClasses();
  schemas.define('Person', Person, { owner: 'people' });
  const argument = h.object({ n: h.integer({ default: 1 }), who: h.nullable(Person) });
  for (let method = 0; method < 5; method += 1) {
    const validator = schemas.compileArguments([argument, Address], { owner: 'people' });
    expect(validator.validate([{ who: null }, { street: `${method}` }])).toBeNull();
    expect(schemas.compileValue(Person, 'result').validate({})).not.toBeNull();
  }
  schemas.undefineOwned('people');
  purgeClassMetadata([...classMetadataTargets()].filter((target) => !before.has(target)));
  return new WeakRef(Person);
}

const heapUsed = async (): Promise<number> => {
  await setImmediate(); // what this job has touched is not collected before its end
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

it('what the libraries know of classes goes with compiled code: 500 reloads of five methods leave less than 500 kB', async () => {
  const schemas = new SchemaRegistry();
  for (let warmUp = 0; warmUp < 300; warmUp += 1) await loadAndUnload(schemas);
  const before = await heapUsed();
  const references: WeakRef<object>[] = [];
  for (let reload = 0; reload < 500; reload += 1) references.push(await loadAndUnload(schemas));
  expect((await heapUsed()) - before).toBeLessThan(500_000);
  const alive = references.filter((reference) => reference.deref() !== undefined);
  expect(alive.length).toBeLessThan(5);
}, 60_000);
