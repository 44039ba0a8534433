import { messageOf } from '../common/index.js';

/** How far a plugin came: what was being done with it when it failed. */
export type PluginStage = 'discovery' | 'load' | 'dependencies' | 'construct' | 'register' | 'init';

/** Why a plugin does not run. The message is one sentence for people, without a stack. */
export class PluginFailure extends Error {
  constructor(
    readonly stage: PluginStage,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'PluginFailure';
  }
}

/** Says where in the plugin's own sources an error was thrown, or null when it was elsewhere. */
export type ErrorLocator = (error: unknown) => string | null;

/** Runs one stage and makes whatever it throws a {@link PluginFailure} of that stage. */
export async function atStage<T>(
  stage: PluginStage,
  work: () => T | Promise<T>,
  locate: ErrorLocator,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PluginFailure) throw error;
    const location = locate(error);
    const where = location === null ? '' : ` (${location})`;
    throw new PluginFailure(stage, `${firstParagraph(error)}${where}`, { cause: error });
  }
}

/** Nest appends pages of advice to its messages; what happened stands in the first paragraph. */
function firstParagraph(error: unknown): string {
  const [paragraph = ''] = messageOf(error)
    .trim()
    .split(/\n\s*\n/);
  return paragraph === '' ? 'failed without a message' : paragraph;
}
