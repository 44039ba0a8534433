/**
 * What is shown, and how: tables, lists, JSON, YAML, CSV; escapes of other people's texts; the pager.
 * Writes to the streams that it is handed and to nothing else.
 */
export { printable, printableLines } from './printable.js';
export { Printer } from './printer.js';
export { jsonText } from './render.js';
