import { useEffect, useState } from 'preact/hooks';
import type { CLUSTER_STATUS, LEADER, NODE_ROW } from '../../src/wire/index.js';
import { call, subscribe } from '../connection/session.js';
import { ActButton } from '../parts/act-button.js';
import { Confirm } from '../parts/confirm.js';
import { Gated } from '../parts/gated.js';
import { Moment, useNow } from '../parts/moment.js';
import { useLoaded } from '../parts/resource.js';
import { Bones, Failure, PageHead } from '../parts/states.js';
import { useAction } from '../parts/use-action.js';
import { may } from '../state/rights.js';
import type { Shown } from '../state/shown.js';

type Node = Shown<typeof NODE_ROW>;
type Leader = Shown<typeof LEADER>;
type Status = Shown<typeof CLUSTER_STATUS>;
type Doing = { readonly kind: 'drain' | 'forget'; readonly node: string };

const TONES = { live: 'good', joining: '', draining: 'warn', lost: 'bad' } as const;

/** The servers that serve together: who leads, which are lost, and the way to take one out. */
export function Nodes() {
  return (
    <div class="page">
      <div class="content">
        <Gated
          method="cluster.get_nodes"
          what="The list of nodes"
          missing={<p>This server is alone. Several that serve together are a cluster.</p>}
        >
          <NodeList />
        </Gated>
      </div>
    </div>
  );
}

function NodeList() {
  const nodes = useLoaded((stop) => call<Node[]>('cluster.get_nodes', [], stop), []);
  const leader = useLoaded((stop) => call<Leader | null>('cluster.get_leader', [], stop), []);
  const reload = (): void => {
    nodes.reload();
    leader.reload();
  };
  useEffect(() => subscribe(['cluster.*'], reload), []);
  const [doing, setDoing] = useState<Doing | null>(null);
  const { busy, error, run } = useAction(reload);
  const rows = nodes.value ?? [];
  const live = rows.filter(({ state }) => state === 'live').length;
  return (
    <>
      <PageHead title="Nodes" lead={nodes.value === null ? '' : `${live} of ${rows.length} live`}>
        <ActButton
          method="cluster.hand_over"
          isBusy={busy !== null}
          onClick={() => void run('hand over', () => call('cluster.hand_over', []))}
        >
          Hand over leadership
        </ActButton>
      </PageHead>
      {may('cluster.status') && <Standing rows={rows} />}
      {error !== null && <Failure error={error} />}
      {nodes.error !== null && <Failure error={nodes.error} onRetry={nodes.reload} />}
      <section class="panel" aria-label="Nodes">
        {nodes.value === null && nodes.error === null && <Bones lines={3} />}
        {rows.length > 0 && (
          <NodeTable rows={rows} leader={leader.value} onDoing={(next) => setDoing(next)} />
        )}
      </section>
      {doing !== null && <Asked {...doing} onDone={reload} onClose={() => setDoing(null)} />}
    </>
  );
}

/** What the node of this page says of itself; read again with the list. */
function Standing({ rows }: { readonly rows: readonly Node[] }) {
  const status = useLoaded((stop) => call<Status>('cluster.status', [], stop), [rows]);
  const found = status.value;
  if (found === null) return null;
  return (
    <>
      {!found.connected && (
        <div class="notice warn" role="status">
          Node {found.node} does not reach NATS: it goes on alone. Calls to other nodes and their
          events wait until it is back.
        </div>
      )}
      <p class="muted small">
        Cluster {found.cluster}, seen from {found.node}. Events behind: {found.event_lag}; bytes
        that wait to be published: {found.buffer_bytes}.
      </p>
    </>
  );
}

interface TableProps {
  readonly rows: readonly Node[];
  readonly leader: Leader | null;
  readonly onDoing: (doing: Doing) => void;
}

function NodeTable({ rows, leader, onDoing }: TableProps) {
  const now = useNow();
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">State</th>
          <th scope="col" class="number">
            Tasks
          </th>
          <th scope="col" class="hide-narrow">
            Version
          </th>
          <th scope="col" class="hide-narrow">
            Started
          </th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((node) => (
          <tr key={node.name}>
            <td>
              <div>
                {node.name}{' '}
                {node.leader && (
                  <span class="tag accent" title={leader === null ? '' : `term ${leader.term}`}>
                    leads
                  </span>
                )}
              </div>
              <div class="mono small muted">{node.addresses.join(' ')}</div>
            </td>
            <td>
              <span class={`tag ${TONES[node.state]}`}>{node.state}</span>
            </td>
            <td class="number">{node.running}</td>
            <td class="hide-narrow">{node.version}</td>
            <td class="hide-narrow">
              <Moment value={node.started_at} now={now} />
            </td>
            <td class="actions">
              {node.state === 'live' && (
                <ActButton
                  method="cluster.drain"
                  size="small"
                  tone="quiet"
                  label={`Drain ${node.name}`}
                  onClick={() => onDoing({ kind: 'drain', node: node.name })}
                >
                  Drain…
                </ActButton>
              )}
              {node.state === 'lost' && (
                <ActButton
                  method="cluster.forget"
                  size="small"
                  tone="quiet"
                  label={`Forget ${node.name}`}
                  onClick={() => onDoing({ kind: 'forget', node: node.name })}
                >
                  Forget…
                </ActButton>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface AskedProps extends Doing {
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function Asked({ kind, node, onDone, onClose }: AskedProps) {
  const isDrain = kind === 'drain';
  return (
    <Confirm
      title={isDrain ? `Drain node ${node}?` : `Forget node ${node}?`}
      action={isDrain ? 'Drain it' : 'Forget it'}
      cancel="Leave it"
      onConfirm={async () => {
        await call(isDrain ? 'cluster.drain' : 'cluster.forget', [node]);
        onDone();
      }}
      onClose={onClose}
    >
      {isDrain ? (
        <p>
          It takes no more calls and tasks of other nodes and leads no longer, until it is started
          again. What runs on it goes on, and clients that are connected to it stay.
        </p>
      ) : (
        <p>It is listed no longer. Should it come back, it joins as any other node.</p>
      )}
    </Confirm>
  );
}
