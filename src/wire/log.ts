import { h } from './builder/index.js';
import { LOG_LEVELS } from './constants.js';
import type { Data } from './data.js';

/** One line of the log as the server wrote it, secrets already hidden. */
export const LOG_RECORD = h.object({
  time: h.string({ format: 'date-time' }),
  level: h.string({ description: `One of ${LOG_LEVELS.join(', ')}` }),
  component: h.string({ description: 'The part of the server that wrote it' }),
  message: h.string(),
  fields: h.with(Object, { description: 'What else the line says; secrets are hidden' }),
});
export type LogRecord = Data<typeof LOG_RECORD>;
