/** The parts of a generation's report that the tasks look at. */
export interface Report {
  readonly id: string;
  readonly files: readonly FileReport[];
  readonly actions: readonly unknown[];
}

interface FileReport {
  readonly name: string;
  readonly outcome: string;
  readonly error?: { readonly stage: string; readonly message: string };
}

const LOST = new Set(['failed', 'rolled_back']);

/** Half a sentence on the files that did not come; null when all did. */
export function failureOf({ files }: Pick<Report, 'files'>): string | null {
  const lost = files.filter(({ outcome }) => LOST.has(outcome));
  if (lost.length === 0) return null;
  const named = lost.map(({ name, error }) => `${name} (${error?.stage ?? 'not put in place'})`);
  return `Generation failed: ${named.join(', ')}`;
}

/** How many files had which outcome, for people. */
export function summaryOf({ files }: Pick<Report, 'files'>): string {
  const counts = new Map<string, number>();
  for (const { outcome } of files) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return Array.from(counts, ([outcome, count]) => `${count} ${outcome.replace('_', ' ')}`).join(
    ', ',
  );
}
