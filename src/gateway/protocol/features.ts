/** What a client may turn on for its connection. */
export const FEATURES = ['streaming_responses', 'strict_validation', 'event_bursts'] as const;
export type Feature = (typeof FEATURES)[number];
