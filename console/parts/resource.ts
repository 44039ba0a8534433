import { useEffect, useState } from 'preact/hooks';
import { isReady, epoch } from '../connection/session.js';

export interface Loaded<T> {
  readonly value: T | null;
  readonly error: Error | null;
  readonly reload: () => void;
}

/**
 * What a call answers: read when the page opens, after a reconnect and when asked. What was read
 * stays on the screen until it is replaced.
 */
export function useLoaded<T>(
  read: (stop: AbortSignal) => Promise<T>,
  keys: readonly unknown[],
): Loaded<T> {
  const [state, setState] = useState<{ value: T | null; error: Error | null }>({
    value: null,
    error: null,
  });
  const [round, setRound] = useState(0);
  const ready = isReady.value;
  const login = epoch.value;
  useEffect(() => {
    if (!ready) return;
    const stop = new AbortController();
    read(stop.signal).then(
      (value) => !stop.signal.aborted && setState({ value, error: null }),
      (error: unknown) =>
        !stop.signal.aborted && setState((old) => ({ ...old, error: error as Error })),
    );
    return () => stop.abort();
  }, [...keys, ready, login, round]);
  return { ...state, reload: () => setRound((old) => old + 1) };
}
