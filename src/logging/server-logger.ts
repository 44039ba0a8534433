/** Injection token of the Logger whose lines are the server's own; plugins have others. */
export const SERVER_LOGGER = Symbol('server logger');
