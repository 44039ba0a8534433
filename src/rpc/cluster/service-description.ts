import { createHash } from 'node:crypto';
import { canonicalJson } from '../../schema/index.js';
import type { MethodDescription } from '../../wire/index.js';
import type { Service } from '../service.registry.js';

const HASH_LENGTH = 16;

/** What a node tells another one of a service that it has. */
export interface ServiceDescription {
  readonly description: string | null;
  readonly methods: readonly MethodDescription[];
  /** It may have other methods, too: which, only the process that offers it knows. */
  readonly isOpen: boolean;
}

export function describeService({ description, methods, remote }: Service): ServiceDescription {
  const described = [...methods.values()].map((handler) => handler.description);
  return { description, methods: described, isOpen: remote !== undefined && methods.size === 0 };
}

/** Equal where two nodes offer the same by that name. */
export function hashOfService(service: Service): string {
  const text = canonicalJson(describeService(service));
  return createHash('sha256').update(text).digest('base64url').slice(0, HASH_LENGTH);
}
