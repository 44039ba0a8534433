/** What a line does: from its tree to calls, rows and what is shown of them. */
export { causeOf, ExitRequest, lineAndColumn, statusOf, told } from './problem.js';
export { runText } from './runner.js';
