import type { EventType } from '../../events/index.js';
import type { MethodDescription } from '../../wire/index.js';
import type { JsonSchema } from '../../schema/index.js';
import type { TaskHandler } from '../../tasks/index.js';

/** Everything that the server offers at one moment: what the documents are made of. */
export interface Offer {
  readonly version: string;
  readonly services: readonly OfferedService[];
  readonly tasks: readonly (readonly [name: string, handler: TaskHandler])[];
  readonly eventTypes: readonly (readonly [name: string, type: EventType])[];
  readonly definitions: Readonly<Record<string, JsonSchema>>;
}

export interface OfferedService {
  readonly name: string;
  readonly description: string | null;
  readonly methods: readonly MethodDescription[];
}

export const INFO = {
  title: 'dispatcher',
  description: 'Methods, tasks and events of this server and of the plugins that run in it.',
} as const;
