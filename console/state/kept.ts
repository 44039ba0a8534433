import { signal } from '@preact/signals';

/**
 * A list that outlives the window, in the browser's local storage: names and filters, never secrets.
 * Whatever is found there that does not fit is dropped.
 */
export function keptList<T>(key: string, fits: (entry: unknown) => entry is T, most = 100) {
  const list = signal<readonly T[]>(stored(key, fits));
  const set = (next: readonly T[]): void => {
    list.value = next.slice(0, most);
    try {
      localStorage.setItem(key, JSON.stringify(list.value));
    } catch {
      // storage is full or forbidden: it lives as long as the page
    }
  };
  return { list, set };
}

function stored<T>(key: string, fits: (entry: unknown) => entry is T): readonly T[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(value) ? value.filter(fits) : [];
  } catch {
    return [];
  }
}
