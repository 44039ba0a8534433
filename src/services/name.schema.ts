import { h } from '../sdk/index.js';

/** A name of anything that callers name: compared, kept, and told to others. */
export const NAME = h.string({ maxLength: 256 });
