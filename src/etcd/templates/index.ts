/** Liquid as plugin directories use it: strict, bounded, guarded. Runs in the process that renders. */
export type { TemplateFault } from './describe-error.js';
export { TemplateEngine } from './template-engine.js';
