import {
  bytes,
  integer,
  list,
  milliseconds,
  optionalInteger,
  optionalSection,
  optionalText,
  seconds,
  section,
  text,
  toggle,
} from './value-kinds.js';

const LEASE_RANGE = [5_000, 600_000] as const;
const NODE_LOST_RANGE = [10_000, 86_400_000] as const;
/** One group of events has to fit in at least a few times. */
const MIN_JOURNAL_BYTES = 1_048_576;
const MAX_JOURNAL_BYTES = 1_099_511_627_776;
const REPLICAS_RANGE = [1, 5] as const;

/** `dispatcher.cluster`: several servers over one MongoDB and one NATS. */
export const CLUSTER = optionalSection(
  'Several servers, one API: see cluster.md. Not given: this server is alone.',
  {
    node: optionalText(
      'node-name',
      'Name of this node, which stays the same and which no other node has. Not given: the host name up to its first dot.',
    ),
    servers: list('nats-server', 'Where NATS listens; one that answers is enough to start.'),
    name: text(
      'node-name',
      'dispatcher',
      'Name of the cluster: begins all of its subjects, streams and buckets, so that several clusters can share one NATS.',
    ),
    credentials: optionalText(
      'path',
      'File with the NKEY seed of this node, mode 0600. Needed unless every server is on the loopback interface.',
    ),
    'tls-ca': optionalText(
      'path',
      'Certificate authorities in PEM that the certificates of NATS are checked against. Not given: those that Node.js knows.',
    ),
    'tls-certificate': optionalText('path', 'Certificate chain in PEM that is shown to NATS.'),
    'tls-keyfile': optionalText('path', 'Private key of that certificate in PEM.'),
    replicas: optionalInteger(
      REPLICAS_RANGE,
      'Copies that NATS keeps of streams and buckets. Not given: 3 when NATS has three servers or more, else 1.',
    ),
    key: optionalText(
      'path',
      'File with the key of the cluster, mode 0600, the same at every node: it seals stored passwords, in place of task-secrets.key.',
    ),
    'lease-ms': integer(
      LEASE_RANGE,
      15_000,
      'How long leadership and presence outlast their last renewal: after a crash, the time without a leader.',
    ),
    'node-lost-ms': integer(
      NODE_LOST_RANGE,
      45_000,
      'Silence after which the runs of a node are given up; at least twice `lease-ms`.',
    ),
    scheduler: toggle(true, 'Whether this node may be elected leader.'),
    events: section('The events that all nodes share.', {
      'max-bytes': integer(
        [MIN_JOURNAL_BYTES, MAX_JOURNAL_BYTES],
        67_108_864,
        'Bytes of events that NATS keeps for clients that come back; the oldest go first.',
      ),
      'max-age': seconds(3_600, 'Seconds that an event is kept.'),
      buffer: bytes(
        16_777_216,
        'Bytes of events that a node without NATS keeps to publish them later; more are dropped.',
      ),
      'island-after-ms': milliseconds(
        5_000,
        'Time without NATS after which a node delivers the events of its own to its clients.',
      ),
    }),
  },
);
