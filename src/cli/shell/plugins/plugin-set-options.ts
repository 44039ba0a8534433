import type { QueryClient } from '../../sdk/index.js';
import type { Session } from '../../session/index.js';

/** What the plugins of one shell are loaded with. */
export interface PluginSetOptions {
  readonly session: Session;
  /** For what completes. */
  readonly queries: QueryClient;
  readonly env: NodeJS.ProcessEnv;
  /** One line for people. */
  readonly warn: (line: string) => void;
  /** Code of others runs in this process from now on: it may leave something running. */
  readonly onForeignCode: () => void;
}
