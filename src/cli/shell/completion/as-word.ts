import { quoted } from '../grammar/index.js';

const BARE = /^[\p{L}\p{N}_][\p{L}\p{N}_@%+:./-]*$/u;

/** A text as it is written in a line to be itself. */
export const asWord = (text: string): string => (BARE.test(text) ? text : quoted(text));
