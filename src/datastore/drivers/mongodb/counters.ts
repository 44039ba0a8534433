import type { Model } from 'mongoose';
import type { CounterRecord } from './system-models.js';

const AFTER = { returnDocument: 'after' } as const;
const DUPLICATE = 11_000;

/** Named numbers that change atomically. */
export class Counters {
  constructor(private readonly model: Model<CounterRecord>) {}

  /** Never by upsert: two first increments at once would both see 1 on some servers. */
  async increment(name: string, by: number): Promise<number> {
    const change = { $inc: { value: by } };
    for (;;) {
      const counter = await this.model.findOneAndUpdate({ _id: name }, change, AFTER).lean();
      if (counter !== null) return counter.value;
      await this.create(name);
    }
  }

  /** Makes the counter at 0 unless it is there. */
  async create(name: string): Promise<void> {
    try {
      await this.model.collection.insertOne({ _id: name, value: 0 } as never);
    } catch (error) {
      if ((error as { readonly code?: number }).code !== DUPLICATE) throw error;
    }
  }

  /** Makes the counter stand at `atLeast` or above. */
  async raise(name: string, atLeast: number): Promise<void> {
    await this.create(name);
    await this.model.updateOne({ _id: name }, { $max: { value: atLeast } });
  }

  async get(name: string): Promise<number> {
    const counter = await this.model.findOne({ _id: name }).lean();
    return counter?.value ?? 0;
  }

  async delete(name: string): Promise<void> {
    await this.model.deleteOne({ _id: name });
  }

  async list(): Promise<[name: string, value: number][]> {
    const records = await this.model.find().sort({ _id: 1 }).lean();
    return records.map(({ _id, value }) => [_id, value]);
  }
}
