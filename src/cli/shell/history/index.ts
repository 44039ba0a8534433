/** The lines that were typed: what is kept of them, where, and what never is. */
export { HistoryFile, historyPath } from './history-file.js';
export { HIDDEN, keptLine, type SignatureOf } from './kept-line.js';
