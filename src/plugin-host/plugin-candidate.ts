import { type AnyClass, classMetadata } from '../sdk/index.js';
import type { DiscoveredPlugin } from './plugin-discovery.js';
import type { PluginGeneration } from './plugin-generation.js';
import { type Dependency, parseDependency } from './plugin-version.js';
import type { NotRunning, PluginRecord } from './plugin-record.js';
import { copyValue } from './value-copy.js';

/** A generation that is to take over, and what its code says of itself. */
export interface Candidate {
  readonly record: PluginRecord;
  readonly generation: PluginGeneration;
  readonly depends: readonly string[];
  readonly dependencies: readonly Dependency[];
  readonly version: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly services: readonly string[];
  /** Set where this is the code that ran before, because the newer one was refused. */
  readonly refused?: NotRunning;
}
export type Candidates = ReadonlyMap<string, Candidate>;

/** The code of a generation that is at work, kept as text until its successor is. */
export interface FormerCode {
  readonly plugin: DiscoveredPlugin;
  readonly depends: readonly string[];
  readonly sources: ReadonlyMap<string, string>;
}

/** @throws PluginFailure of stage `load` */
export async function candidateOf(
  record: PluginRecord,
  generation: PluginGeneration,
): Promise<Candidate> {
  const { depends, metadata, providers, version = null } = await generation.load();
  const dependencies = depends.map(parseDependency);
  return {
    record,
    generation,
    depends: dependencies.map(({ name }) => name),
    dependencies,
    version,
    metadata: copyValue(metadata) as Record<string, unknown>,
    services: providers.flatMap(servicesOf),
  };
}

/** Makes what the candidate's code says of itself what the record says. */
export function adopt({ record, generation, refused, ...said }: Candidate): void {
  Object.assign(record, { plugin: generation.plugin, ...said });
}

function servicesOf(type: AnyClass): string[] {
  const { role } = classMetadata(type);
  return role?.kind === 'provider' ? [role.name] : [];
}

export function formerCodeOf({ plugin, depends, status }: PluginRecord): FormerCode {
  const sources =
    status.state === 'loaded' ? status.generation.sources() : new Map<string, string>();
  return { plugin, depends, sources };
}
