import { UsageError } from '../exit-status.js';

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const MAX_LENGTH = 64;
/** Folders that the server does not take for plugins, and what a plugin's package would hide. */
const RESERVED = new Set(['dispatcher', 'disabled', 'node-modules', 'favicon-ico']);

/**
 * @returns the name
 * @throws UsageError saying what a name looks like
 */
export function checkPluginName(name: string): string {
  if (name.length > MAX_LENGTH) {
    throw new UsageError(`The name of a plugin has at most ${MAX_LENGTH} characters`);
  }
  if (!NAME.test(name)) {
    throw new UsageError(
      `${JSON.stringify(name)} is no name for a plugin: lower-case letters, digits and single dashes, a letter first, such as disk-watch`,
    );
  }
  if (RESERVED.has(name)) throw new UsageError(`The name ${name} is taken: choose another`);
  return name;
}
