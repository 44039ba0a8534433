/** What a NATS server lets one user do. */
export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/**
 * What a node has to be allowed, and no more: it speaks as nobody but itself, for each subject names who
 * speaks there, and it reads requests and answers for itself alone. Of
 * JetStream it may do everything: NATS keeps nothing but what its account is for, and a node is trusted
 * with that as with the store.
 *
 * @example
 * permissionsOf('nas', 'n1').subscribe // ['nas.inbox.n1.>', 'nas.rpc.n1.>', 'nas.ev.>']
 */
export function permissionsOf(cluster: string, node: string): NatsPermissions {
  return {
    publish: [
      `${cluster}.ev.${node}`, // the order of all nodes
      `${cluster}.ev.${node}.>`, // what is kept nowhere
      `${cluster}.rpc.*.${node}`,
      '$JS.API.>',
      '$JS.ACK.>',
      '$JS.FC.>',
      `$KV.>`,
    ],
    subscribe: [`${cluster}.inbox.${node}.>`, `${cluster}.rpc.${node}.>`, `${cluster}.ev.>`],
  };
}
