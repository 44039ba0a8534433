/** The part of a browser that tells when a try to connect is worth more than the next one on time. */
interface Page {
  readonly visibilityState?: string;
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

/**
 * Calls when the network is back or the page is looked at again, in a browser; elsewhere never. Returns what
 * ends that.
 */
export function onWakeUp(wakeUp: () => void): () => void {
  const globals = globalThis as Page & { readonly document?: Page };
  const { document: page } = globals;
  const onVisible = (): void => {
    if (page?.visibilityState === 'visible') wakeUp();
  };
  globals.addEventListener?.('online', wakeUp);
  page?.addEventListener?.('visibilitychange', onVisible);
  return () => {
    globals.removeEventListener?.('online', wakeUp);
    page?.removeEventListener?.('visibilitychange', onVisible);
  };
}
