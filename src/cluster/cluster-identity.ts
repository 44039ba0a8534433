/** Which node of which cluster this server is. */
export abstract class ClusterIdentity {
  /** Null when it is the only one: nothing of a cluster is there then. */
  abstract readonly node: string | null;
  /** Name of the cluster. */
  abstract readonly cluster: string | null;
  get isClustered(): boolean {
    return this.node !== null;
  }
}
