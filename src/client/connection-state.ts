/**
 * Where a client stands with its server.
 *
 * ```
 * closed ──connect()──▶ connecting ──▶ open ──login()──▶ authenticated
 *   ▲                      ▲  │  └─ logged in again ─────────▲  │
 *   │                      │  └──────────▶ reconnecting ◀───────┘ (also from open)
 *   └── close(), or the    └── after the wait ──┘
 *       first attempt fails
 * ```
 *
 * While a client that was logged in comes back, `connecting` lasts until it is logged in again: `open`
 * means that somebody has to log in, and `loginEnded` says why, if somebody was.
 *
 * @example
 * client.onState((state) => {
 *   if (state.kind === 'reconnecting') show(`Lost: ${state.reason}, next try at ${new Date(state.retryAtMs)}`);
 * });
 */
export type ConnectionState =
  | { readonly kind: 'closed'; readonly reason: string }
  | { readonly kind: 'connecting'; readonly attempt: number }
  | { readonly kind: 'open'; readonly loginEnded: string | null }
  | { readonly kind: 'authenticated'; readonly account: Account }
  | {
      readonly kind: 'reconnecting';
      readonly attempt: number;
      /** Time of day, in milliseconds since 1970. */
      readonly retryAtMs: number;
      readonly reason: string;
    };

/** Who is logged in. */
export interface Account {
  /** The name of the user or the service. */
  readonly user: string;
  /** For how long the login outlives the last frame; null for a service. */
  readonly tokenLifetimeSeconds: number | null;
}
