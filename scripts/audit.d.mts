export interface Advisory {
  readonly name: string;
  readonly severity: string;
  readonly range: string;
}
export type Audit =
  | { readonly skipped: string }
  | { readonly found: readonly Advisory[]; readonly grave: readonly Advisory[] };

export function readAudit(text: string): Audit;
export function reportOf(audit: Audit): { readonly lines: string[]; readonly status: number };
