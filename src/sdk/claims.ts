/** A resource that a task needs: a bare name claims it exclusively. */
export type Claim = string | { readonly resource: string; readonly mode: 'shared' | 'exclusive' };

export type Claims = readonly Claim[];

/** A description that clients can translate: `message` is the English text of `format` and `args`. */
export interface TaskDescription {
  readonly message: string;
  readonly name?: string;
  readonly format?: { readonly string: string; readonly args: Readonly<Record<string, unknown>> };
}
