/**
 * The line at which the shell is used: keys, history, candidates, pastes, notices above it. Knows terminals and
 * text, and nothing of commands and servers. Whoever opens a `LineEditor` closes it.
 */
export type { Candidate, Completion } from './candidates.js';
export { LineEditor, type Read } from './line-editor.js';
export type { PastLines } from './history-walk.js';
export type { Piece } from './style.js';
