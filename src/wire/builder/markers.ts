/**
 * Marks on schemas under construction. They are symbols so that they vanish from JSON, and shared
 * ones so that a second copy of this module understands them.
 */

/** The schema may be absent: an argument or property made by `h.optional`. */
export const OPTIONAL = Symbol.for('dispatcher:schema:optional');

/** `{ [WRAPPED]: x, ...keywords }` is x with keywords added, whatever kind of schema x is. */
export const WRAPPED = Symbol.for('dispatcher:schema:wrapped');
