import { Injectable } from '@nestjs/common';
import type { Figures } from '../wire/index.js';
import { MetricsRegistry } from './metrics-registry.js';

const EVERY_MS = 5_000;
/** An hour. */
const KEPT = 720;

/** What each figure of a sample is on the page of numbers. */
const NAMES = {
  calls: 'dispatcher_calls_total',
  events: 'dispatcher_events_published_total',
  connections: 'dispatcher_connections',
  memory: 'process_resident_memory_bytes',
} as const;

/**
 * The figures of the last hour, so that whoever comes sees how it was. A ring of fixed size; nothing
 * is read before {@link start}.
 */
@Injectable()
export class MetricsHistory {
  #samples: Figures[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly registry: MetricsRegistry) {}

  start(): void {
    this.#take();
    this.#timer ??= setInterval(() => this.#take(), EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The oldest first. */
  samples(): Figures[] {
    return [...this.#samples];
  }

  #take(): void {
    const sums = this.registry.sumsOf(Object.values(NAMES));
    const figure = (name: keyof typeof NAMES): number => sums.get(NAMES[name]) ?? 0;
    const sample = {
      at: new Date(),
      ...{ calls: figure('calls'), events: figure('events') },
      ...{ connections: figure('connections'), memory: figure('memory') },
    };
    this.#samples = [...this.#samples.slice(1 - KEPT), sample];
  }
}
