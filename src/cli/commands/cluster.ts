import type { CommandGroup, OperandSpec } from '../command.js';

const clusterCommands = () => import('../cluster/cluster.commands.js');
const NODE: OperandSpec = { name: 'NODE', description: 'as cluster nodes shows it' };

export const CLUSTER: CommandGroup = {
  name: 'cluster',
  summary: 'Sets up several servers behind one API, and works on its nodes',
  commands: [
    {
      name: 'init',
      summary: 'Writes the configuration and keys of NATS and of each node, without a server',
      operands: [{ name: 'DIR', description: 'a new folder', completes: 'file' }],
      options: {
        nodes: { value: 'N1,N2,N3', description: 'names of the nodes; three or more' },
        address: {
          value: 'N1=ADDRESS',
          description: 'where a node is for the others (default: all on this machine)',
          isMultiple: true,
        },
        name: { value: 'NAME', description: 'of the cluster (default: dispatcher)' },
        dsn: {
          value: 'ADDRESS',
          description:
            'of the MongoDB that they share (default: mongodb://127.0.0.1:27017/dispatcher)',
        },
        at: {
          value: 'FOLDER',
          description: 'where its folder will be on each machine (default: where it is written)',
          completes: 'file',
        },
        key: {
          value: 'FILE',
          description:
            'the task-secrets.key of a server whose data goes on here (default: a new one)',
          completes: 'file',
        },
        tls: { description: 'certificates also where only this machine can listen' },
      },
      details:
        'Each node gets a folder of its own, with all that its machine needs and nothing of the others; what is to be done next is printed. NATS runs beside the first three nodes, or beside the first where there are fewer.',
      examples: [
        'dispatcherctl cluster init --nodes n1,n2,n3 trial',
        'dispatcherctl cluster init --nodes n1,n2,n3 --address n1=10.0.0.1,n2=10.0.0.2,n3=10.0.0.3 --at /etc/dispatcher/cluster cluster',
      ],
      load: async () => (await import('../cluster-init/init.command.js')).initCluster,
    },
    {
      name: 'nodes',
      summary: 'Lists the nodes, those that are lost among them',
      talks: true,
      prints: true,
      load: async () => (await clusterCommands()).listNodes,
    },
    {
      name: 'leader',
      summary: 'Says which node leads, and since when',
      talks: true,
      prints: true,
      load: async () => (await clusterCommands()).showLeader,
    },
    {
      name: 'status',
      summary: 'Says how the node that answers stands to the others',
      talks: true,
      prints: true,
      load: async () => (await clusterCommands()).showClusterStatus,
    },
    {
      name: 'hand-over',
      summary: 'Has another node lead, and prints which',
      talks: true,
      prints: true,
      load: async () => (await clusterCommands()).handOver,
    },
    {
      name: 'drain',
      summary: 'Takes a node out: no more calls and tasks of others until it is started again',
      operands: [NODE],
      talks: true,
      load: async () => (await clusterCommands()).drainNode,
    },
    {
      name: 'forget',
      summary: 'Takes a lost node that will not come back off the list',
      operands: [NODE],
      talks: true,
      load: async () => (await clusterCommands()).forgetNode,
    },
  ],
};
