import { mongo } from 'mongoose';

/** The bytes of a document as BSON. */
export function calculateObjectSize(document: Readonly<Record<string, unknown>>): number {
  return mongo.BSON.calculateObjectSize(document);
}
