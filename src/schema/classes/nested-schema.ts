import type { SchemaClass } from '../infer.js';
import type { JsonSchema } from '../json-schema.js';
import type { Property } from './class-converter.js';
import { declaredType, propertyDecorators, typeDecorator } from './class-metadata.js';

/** The schema of what `@ValidateNested` looks into: one class, or one of several told apart by a tag. */
export function nestedSchema(property: Property): JsonSchema {
  const { type, name, resolveClass } = property;
  const annotation = typeDecorator(type, name);
  const discriminator = annotation?.options.discriminator;
  if (discriminator !== undefined) {
    const branches = discriminator.subTypes.map(({ value, name: tag }) =>
      tagged(property, { type: classOf(value), key: discriminator.property, tag }),
    );
    return { oneOf: branches };
  }
  return resolveClass(classOf(annotation?.typeFunction() ?? declaredType(type, name)));
}

interface Branch {
  readonly type: SchemaClass;
  readonly key: string;
  readonly tag: string;
}

/** A class's own schema, inline, with its tag among the properties. */
function tagged({ resolveClass }: Property, { type, key, tag }: Branch): JsonSchema {
  const schema = resolveClass.inline(type);
  const properties = schema['properties'] as JsonSchema;
  const required = new Set((schema['required'] as readonly string[] | undefined) ?? []);
  return {
    ...schema,
    properties: { ...properties, [key]: { const: tag } },
    required: [...required.add(key)],
  };
}

function classOf(type: unknown): SchemaClass {
  if (typeof type === 'function' && propertyDecorators(type as SchemaClass).size > 0) {
    return type as SchemaClass;
  }
  throw new Error('@ValidateNested needs @Type(() => X), where X has class-validator decorators');
}
