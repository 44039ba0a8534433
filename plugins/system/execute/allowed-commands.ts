import type { ConfigStore } from 'dispatcher';

export const ALLOWED_KEY = 'system.execute.allowed';

/** In the list it stands for every program. */
const ANY = '*';

/**
 * Whether the configuration lets this program be run. Nothing is allowed unless it says so; a value
 * of another form than a list allows nothing.
 */
export async function isAllowed(configstore: ConfigStore, command: string): Promise<boolean> {
  const allowed = await configstore.get(ALLOWED_KEY);
  return Array.isArray(allowed) && (allowed.includes(command) || allowed.includes(ANY));
}
