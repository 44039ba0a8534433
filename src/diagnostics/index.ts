/**
 * What is known afterwards of a server that did badly: whose code held the event loop, whose error
 * ended the process, and the archive for those who are asked for help.
 */
export { CrashFolder } from './crash-folder.js';
export { CrashReports } from './crash-reports.js';
export { type DebugContribution, debugArchive } from './debug-archive.js';
export { PluginLocator } from './plugin-locator.js';
export { type Stall, StallDetector } from './stall-detector.js';
