import type { DispatcherConfiguration } from './config/index.js';

type Section = DispatcherConfiguration['dispatcher'];

/**
 * Keys that are checked but that nothing acts on yet, each with the test that tells whether its
 * value asks for more than the server does. A row goes when its feature comes.
 */
const IDLE_KEYS: readonly (readonly [string, (section: Section) => boolean])[] = [
  ['pidfile', ({ pidfile }) => pidfile !== null],
  ['logging', ({ logging }) => logging !== 'console'],
  ['log-file', ({ logFile }) => logFile !== null],
];

/** The keys of the configuration that ask for something the server does not do yet. */
export function idleSettings({ dispatcher }: DispatcherConfiguration): readonly string[] {
  return IDLE_KEYS.filter(([, isSet]) => isSet(dispatcher)).map(([key]) => `dispatcher.${key}`);
}
