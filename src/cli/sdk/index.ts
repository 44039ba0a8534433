/**
 * What authors of plugins of the shell import (`dispatcher/cli`), beside the decorators of `dispatcher`:
 * base classes, what they are given, and the plugin itself. Declares only; the shell brings it to life.
 */
export { CommandError } from '../exit-status.js';
export { CliPlugin, type CliPluginParts, type Completer } from './cli-plugin.js';
export { Command, command } from './command.js';
export type {
  CommandContext,
  Output,
  PluginContext,
  QueryClient,
  StageContext,
} from './context.js';
export type { CommandOptions } from './marks.js';
export { type Completed, completes, Namespace, namespace } from './namespace.js';
export type { Script, ScriptContext } from './script.js';
export { Stage, stage } from './stage.js';
