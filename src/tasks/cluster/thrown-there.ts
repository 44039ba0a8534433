import { type CrossingError, fromCrossing } from '../executors/isolated/crossing-error.js';

/** The error that was thrown at another node, under the name that it had there. */
export function thrownThere(crossing: CrossingError): Error {
  const error = fromCrossing(crossing);
  error.name = crossing.type;
  return error;
}
