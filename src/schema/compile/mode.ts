/**
 * How a value is checked. `input`: defaults are filled in, read-only properties dropped. `strict`:
 * a read-only property that is present is an error. `result`: as it stands, nothing changed.
 */
export type Mode = 'input' | 'strict' | 'result';
