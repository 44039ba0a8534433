/** What lay at a place, or is to lie there, as the state folder keeps it; contents by their digest. */
export type Side =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'file';
      readonly digest: string;
      readonly size: number;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly kind: 'link'; readonly target: string };

export const NOTHING: Side = { kind: 'nothing' };

export function isSameSide(one: Side, other: Side): boolean {
  if (one.kind === 'file' && other.kind === 'file') {
    const { digest, mode, uid, gid } = one;
    const isOwned = uid === other.uid && gid === other.gid;
    return digest === other.digest && mode === other.mode && isOwned;
  }
  if (one.kind === 'link' && other.kind === 'link') return one.target === other.target;
  return one.kind === other.kind;
}

/** Whether it is the same bytes, whoever owns them. */
export function isSameContent(one: Side, other: Side): boolean {
  return one.kind === 'file' && other.kind === 'file' && one.digest === other.digest;
}
