/** The shell as a person uses it: the loop of lines, tasks in front and behind, notices, the connection. */
export { runInteractive } from './interactive.js';
