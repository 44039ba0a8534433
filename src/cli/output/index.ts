/**
 * What is shown, and how: tables, lists, JSON, YAML, CSV; escapes of other people's texts; the pager.
 * Writes to the streams that it is handed and to nothing else.
 */
export { printable, printableLines } from './printable.js';
export { pagerOf, showInPager } from './pager.js';
export { Printer, type PrintOptions } from './printer.js';
export { type Format, jsonText, render } from './render.js';
