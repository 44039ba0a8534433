/** The narrow face of this folder for processes that are told the values: it judges none. */
export { LiveSettings, settingsObject } from './live-settings.js';
