import { useEffect } from 'preact/hooks';
import { type Loaded, useLoaded } from './resource.js';

const EVERY_MS = 2_000;

/** As {@link useLoaded}, and again every two seconds while somebody may be looking: for what tells no event. */
export function useWatched<T>(read: (stop: AbortSignal) => Promise<T>): Loaded<T> {
  const loaded = useLoaded(read, []);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) loaded.reload();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return loaded;
}
