/** Ends what was begun; may be called more than once. */
export type Unsubscribe = () => void;
