/** The language of the shell: from text to a tree, which knows nothing of commands, servers or files. */
export type * from './ast.js';
export { parseScript } from './parse-script.js';
export { quoted } from './quoted.js';
