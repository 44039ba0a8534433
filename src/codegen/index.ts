/** TypeScript for clients, made from what a server says of itself. */
export { type ApiDescription, describeApi, type ApiSchema } from './api-description.js';
export { generateClient } from './generate.js';
