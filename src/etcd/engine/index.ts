/**
 * Sets of files: rendered ones in, a report out, and what lies on the disk is all of one generation or
 * all of the one before. Owns the order of stages, actions, the way back, history, drift and what is
 * put right after a crash. Renders nothing and knows no plugin.
 */
export { DiskCommitEngine, type EnginePorts } from './disk-commit-engine.js';
