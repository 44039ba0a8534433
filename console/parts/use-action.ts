import { useState } from 'preact/hooks';

interface Action {
  /** What is being done, by the name it was started under. */
  readonly busy: string | null;
  /** What the last one failed with. */
  readonly error: Error | null;
  readonly run: (name: string, work: () => Promise<unknown>) => Promise<void>;
}

/** One thing at a time that a button does; `onDone` after each that went well. */
export function useAction(onDone: () => void = () => undefined): Action {
  const [busy, setBusy] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const run = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    setBusy(name);
    setError(null);
    try {
      await work();
      onDone();
    } catch (failure) {
      setError(failure as Error);
    }
    setBusy(null);
  };
  return { busy, error, run };
}
