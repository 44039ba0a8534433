/**
 * What people change while the system runs: the settings that plugins declare by classes, their values
 * in the store of the configuration, and the judgement over each change. Knows nothing of calls and of
 * how plugins are loaded; `plugin-host` declares, the service `settings` asks and changes.
 */
export { LiveSettings } from './live-settings.js';
export { OpenSettings } from './open-settings.js';
export { SettingsRegistry } from './settings.registry.js';
export { NOTHING_SET } from './settings-store.js';
