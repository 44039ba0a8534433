import type { Json } from '../../forms/index.js';

/** An event as the list shows it. */
export interface SeenEvent {
  readonly id: number;
  readonly name: string;
  readonly args: Json;
  /** Of the arguments, once: it is filtered by and shown. */
  readonly text: string;
  readonly at: Date;
  /** Of what it came; null when nobody knows. */
  readonly cause: string | null;
}
