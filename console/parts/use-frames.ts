import { useEffect, useState } from 'preact/hooks';

const EVERY_MS = 100;

/** Draws again at most ten times a second while something changes, however much comes in. */
export function useTicks(): [number, () => void] {
  const [tick, setTick] = useState(0);
  const [touch] = useState(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    return {
      call: (): void => {
        timer ??= setTimeout(() => {
          timer = undefined;
          setTick((old) => old + 1);
        }, EVERY_MS);
      },
      end: (): void => clearTimeout(timer),
    };
  });
  useEffect(() => touch.end, []);
  return [tick, touch.call];
}
