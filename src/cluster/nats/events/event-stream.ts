import { randomBytes } from 'node:crypto';
import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamState,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { NatsLink } from '../nats-link.js';

/** Two epochs of a cluster must not be the same: their cursors would be mixed up. */
const EPOCH_BYTES = 8;
const EPOCH = /\bepoch ([0-9a-f]+)/;
export const MESSAGE_ID = 'Nats-Msg-Id';
/** JetStream's codes. */
const NAME_IN_USE = 10_058;
const NO_MESSAGE = 10_037;
const NO_STREAM = 10_059;

export interface StreamLimits {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

export interface StreamAsItIs {
  readonly epoch: string;
  readonly state: StreamState;
}

/** A message of the stream that a node has seen. */
export interface SeenMessage {
  readonly sequence: number;
  readonly id: string | null;
}

export function newEpoch(): string {
  return randomBytes(EPOCH_BYTES).toString('hex');
}

/**
 * The stream of a cluster's events. Its epoch is in its description: sequences alone are given out again
 * when NATS lost what it had stored.
 */
export class EventStream {
  readonly name: string;

  constructor(
    private readonly link: NatsLink,
    private readonly limits: StreamLimits,
  ) {
    this.name = link.named('events');
  }

  /** Makes the stream what this node's configuration says, and creates it where there is none. */
  async open(): Promise<StreamAsItIs> {
    const found = await this.look();
    if (found === null) return this.#create();
    const { streams } = this.link.manager;
    const { config } = await streams.info(this.name);
    const wanted = this.#limits();
    const isAsWanted =
      config.max_bytes === wanted.max_bytes &&
      config.max_age === wanted.max_age &&
      config.num_replicas === wanted.num_replicas;
    if (!isAsWanted) {
      this.link.logger.info('Limits of the stream of events are set as this node has them', wanted);
      await streams.update(this.name, { ...config, ...wanted });
    }
    return found;
  }

  /** Null when there is no such stream. */
  async look(): Promise<StreamAsItIs | null> {
    try {
      const { config, state } = await this.link.manager.streams.info(this.name);
      const epoch = EPOCH.exec(config.description ?? '')?.[1];
      return { epoch: epoch ?? (await this.renew()), state };
    } catch (error) {
      if (isApiError(error, NO_STREAM)) return null;
      throw error;
    }
  }

  /** Begins another epoch: no cursor of before says anything any more. */
  async renew(): Promise<string> {
    const epoch = newEpoch();
    const { streams } = this.link.manager;
    const { config } = await streams.info(this.name);
    await streams.update(this.name, { ...config, description: descriptionOf(epoch) });
    return epoch;
  }

  /** Whether the stream still has what a node has seen of it: false when it is another one, or was put back. */
  async has({ sequence, id }: SeenMessage, { state }: StreamAsItIs): Promise<boolean> {
    if (state.last_seq < sequence) return false;
    if (sequence < state.first_seq || id === null) return true; // nobody can tell any more
    try {
      const message = await this.link.manager.streams.getMessage(this.name, { seq: sequence });
      return message === null || message.header.get(MESSAGE_ID) === id;
    } catch (error) {
      if (isApiError(error, NO_MESSAGE)) return true;
      throw error;
    }
  }

  async #create(): Promise<StreamAsItIs> {
    const epoch = newEpoch();
    try {
      const { state } = await this.link.manager.streams.add({
        name: this.name,
        subjects: [this.link.subject('ev', '*')],
        description: descriptionOf(epoch),
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        discard: DiscardPolicy.Old,
        ...this.#limits(),
      });
      return { epoch, state };
    } catch (error) {
      const found = isApiError(error, NAME_IN_USE) ? await this.look() : null;
      if (found === null) throw error;
      return found; // another node made it at the same time
    }
  }

  #limits(): Pick<StreamConfig, 'max_bytes' | 'max_age' | 'num_replicas'> {
    const { maxBytes, maxAgeMs } = this.limits;
    return {
      max_bytes: maxBytes,
      max_age: nanos(maxAgeMs),
      num_replicas: this.link.replicas,
    };
  }
}

function isApiError(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}

function descriptionOf(epoch: string): string {
  return `Events of all nodes, epoch ${epoch}`;
}
