import type { EventTypeRow, MethodDescription, PluginRow } from '../wire/index.js';

interface ReportedProvider {
  readonly name: string;
  readonly description: string | null;
  readonly methods: readonly MethodDescription[];
}

interface ReportedTask {
  readonly name: string;
  readonly description: string | null;
  readonly executor: 'isolated' | 'inline';
  /** JSON Schemas of the arguments; null when anything goes. */
  readonly schema: readonly object[] | null;
}

interface ReportedEvent extends Pick<EventTypeRow, 'description' | 'event_schema'> {
  readonly name: string;
}

/** What a plugin registers, and what is worth a second look. */
export interface PluginReport {
  readonly plugin: PluginRow;
  readonly providers: readonly ReportedProvider[];
  readonly tasks: readonly ReportedTask[];
  readonly sources: readonly string[];
  readonly events: readonly ReportedEvent[];
  readonly schemas: readonly string[];
  readonly hooks: readonly string[];
  readonly resources: readonly string[];
  /** One sentence each. */
  readonly warnings: readonly string[];
}
