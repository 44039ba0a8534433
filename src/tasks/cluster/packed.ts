import type { SecretBox } from '../../datastore/index.js';

/** A value on its way between nodes: sealed under the key of the cluster if there are passwords in it. */
export type Packed = { readonly plain: unknown } | { readonly sealed: string };

/** Passwords travel sealed only: whoever carries messages can read all others. */
export class Packer {
  constructor(private readonly secrets: SecretBox) {}

  pack(value: unknown): Packed {
    const sealed = this.secrets.seal(value);
    return sealed === null ? { plain: value ?? null } : { sealed };
  }

  /** @throws Error when it was sealed under another key */
  unpack(packed: Packed): unknown {
    return 'sealed' in packed ? this.secrets.unseal(packed.sealed) : packed.plain;
  }
}
