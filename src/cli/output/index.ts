/**
 * What is shown, and how: tables, lists, JSON, YAML, CSV; escapes of other people's texts; the pager.
 * Writes to the streams that it is handed and to nothing else.
 */
export { cellText, isScalar } from './cells.js';
export { printable, printableJson, printableLines } from './printable.js';
export { Printer, type PrintOptions } from './printer.js';
export { type Format, jsonText, render } from './render.js';
