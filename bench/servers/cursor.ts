const EPOCH = '0123456789abcdef';

/** Stands for the cursor the dispatcher puts into every event, so that the references send as many bytes. */
export function cursorOf(sequence: number): string {
  return `${EPOCH}:${sequence}`;
}
