/** Says, as text, which methods there are: who can tell more than names of them lies above the calls. */
export abstract class OpenRpcDescriber {
  /** OpenRPC 1.3. */
  abstract openRpc(): Promise<string>;
}
