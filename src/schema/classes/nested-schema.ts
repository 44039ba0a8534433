import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';
import type { SchemaClass } from '../../wire/builder/index.js';
import type { JsonSchema } from '../json-schema.js';
import type { ClassResolver } from '../publish.js';
import { declaredType, propertyDecorators, typeDecorator } from './class-metadata.js';

/** A property of a class that is being converted. */
export interface Property {
  readonly type: SchemaClass;
  readonly name: string;
  readonly decorators: readonly ValidationMetadata[];
  readonly resolveClass: ClassResolver;
}

/** The schema of what `@ValidateNested` looks into: one class, or one of several told apart by a tag. */
export function nestedSchema({ type, name, resolveClass }: Property): JsonSchema {
  const annotation = typeDecorator(type, name);
  const discriminator = annotation?.options.discriminator;
  if (discriminator === undefined) {
    return resolveClass(classOf(annotation?.typeFunction() ?? declaredType(type, name)));
  }
  const { property: key, subTypes } = discriminator;
  const branches = subTypes.map(({ value, name: tag }) => {
    const branch = classOf(value);
    // else the tag itself would be refused as unknown
    if (!propertyDecorators(branch).has(key)) throw new Error(`${branch.name} must declare ${key}`);
    return {
      allOf: [resolveClass(branch)],
      properties: { [key]: { const: tag } },
      required: [key],
    };
  });
  return { oneOf: branches };
}

function classOf(type: unknown): SchemaClass {
  if (typeof type === 'function' && propertyDecorators(type as SchemaClass).size > 0) {
    return type as SchemaClass;
  }
  throw new Error('@ValidateNested needs @Type(() => X), where X has class-validator decorators');
}
