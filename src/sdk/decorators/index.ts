/**
 * The narrow face of the decorators for programs that must not load Nest: what describes methods and
 * classes, and what was said of them.
 */
export { accepts } from './accepts.decorator.js';
export type { InjectedParameter } from './injected-parameter.js';
export { description } from './method.decorators.js';
export { classMetadata, methodMetadata } from '../metadata.js';
