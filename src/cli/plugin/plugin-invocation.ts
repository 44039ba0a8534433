import type { Invocation } from '../command.js';

/** What the commands below `plugin` need of an invocation. */
export type PluginInvocation = Pick<Invocation, 'operands' | 'options' | 'io'>;
