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

/** Why a plugin is not tried: something that it depends on does not run. */
export class PluginSkipped extends PluginFailure {
  constructor(message: string) {
    super('dependencies', message);
    this.name = 'PluginSkipped';
  }
}

/** What was thrown, as a failure; a failure is what a plugin's stages throw, all else is of stage `load`. */
export function failureOf(error: unknown): PluginFailure {
  return error instanceof PluginFailure ? error : new PluginFailure('load', String(error));
}

/** Runs one stage and makes whatever it throws a {@link PluginFailure} of that stage. */
export async function atStage<T>(
  stage: PluginStage,
  work: () => T | Promise<T>,
  describe: (error: unknown) => string,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PluginFailure) throw error;
    throw new PluginFailure(stage, describe(error), { cause: error });
  }
}

/**
 * What happened and where. Nest appends pages of advice to its messages: what happened stands in
 * the first paragraph. Paths are told from the plugin's folder on, because clients see the text.
 */
export function describeFailure(
  error: unknown,
  context: { readonly directory: string; readonly location: string | null },
): string {
  const [paragraph = ''] = messageOf(error)
    .trim()
    .split(/\n\s*\n/);
  const message =
    paragraph === ''
      ? 'failed without a message'
      : paragraph.replaceAll(`${context.directory}/`, '');
  const isLocated = /:\d+:\d+\)$/.test(message);
  return isLocated || context.location === null ? message : `${message} (${context.location})`;
}
