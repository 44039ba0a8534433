/** TypeScript for clients, made from what a server says of itself. */
export { type ApiDescription, type Ask, describeApi, type Schema } from './api-description.js';
export { generateClient, type GenerateOptions } from './generate.js';
