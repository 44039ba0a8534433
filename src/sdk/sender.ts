/**
 * Who made a call: a parameter decorated with `@sender()` receives it. A call from another plugin
 * (`callSync`) has the plugin's name as its user and every role.
 */
export interface Sender {
  readonly kind: 'user' | 'service' | 'plugin' | 'anonymous';
  /** The user's or service's name; null before login. */
  readonly user: string | null;
  readonly roles: readonly string[];
  /** `ip,port`, `unix,<number of the connection>` or `plugin,<name>`. */
  readonly address: string;
  readonly sessionId: number | null;
  /** The number of the task whose code makes the call; not there for any other caller. */
  readonly task?: number;
}
