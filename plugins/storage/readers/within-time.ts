/** The promise's value, or null when it has not settled within a time; the timer never outlives it. */
export function withinTime<T>(promise: Promise<T>, limitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, limitMs, null);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
