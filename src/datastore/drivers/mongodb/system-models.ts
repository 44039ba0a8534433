import { type Connection, type Model, Schema } from 'mongoose';
import type { CollectionInfo, Document } from '../../../sdk/datastore.js';

/** What a collection is, as it is kept; the only schemas that are fixed, so the only strict ones. */
export interface CollectionRecord extends Omit<CollectionInfo, 'name' | 'attributes'> {
  readonly _id: string;
  readonly attributes: Document;
}

export interface CounterRecord {
  readonly _id: string;
  readonly value: number;
}

const PLAIN = { versionKey: false, autoCreate: false, autoIndex: false, minimize: false } as const;

const collectionSchema = new Schema<CollectionRecord>(
  {
    _id: { type: String, required: true },
    key: { type: String, enum: ['uuid', 'serial', 'given'], required: true },
    unique: { type: [[String]], required: true },
    indexes: { type: [[String]], required: true },
    timestamps: { type: String, enum: ['kept', 'none'], required: true },
    attributes: { type: Schema.Types.Mixed, required: true },
    migrations: { type: [String], required: true },
    hasPasswords: { type: Boolean },
  },
  { ...PLAIN, strict: 'throw', collection: '_collections' },
);

const counterSchema = new Schema<CounterRecord>(
  { _id: { type: String, required: true }, value: { type: Number, required: true } },
  { ...PLAIN, strict: 'throw', collection: '_counters' },
);

export interface SystemModels {
  readonly collections: Model<CollectionRecord>;
  readonly counters: Model<CounterRecord>;
}

export function systemModels(connection: Connection): SystemModels {
  return {
    collections: connection.model<CollectionRecord>('Collection', collectionSchema),
    counters: connection.model<CounterRecord>('Counter', counterSchema),
  };
}
