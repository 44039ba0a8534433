/**
 * The narrow face of this folder for processes that run a plugin's tasks and nothing else of it:
 * loading code that is given, constructing classes. It pulls in none of the host's machinery.
 */
export { optionsProviders } from './plugin-options.js';
export { type PluginClass, readPluginClass, withOptions } from './code/plugin-class.reader.js';
export { shareModule } from './code/host-modules.js';
export { PluginCode } from './code/plugin-code.js';
export { compilePluginSource } from './code/plugin-compiler.js';
export { createPluginContext } from './plugin-context.factory.js';
export { REFUSED_TO_TASKS } from './refused-to-tasks.js';
