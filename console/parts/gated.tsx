import type { ComponentChildren } from 'preact';
import { whoCalls } from '../connection/session.js';
import { obstacleTo, rights } from '../state/rights.js';
import { isLoaded } from '../state/registry.js';
import { Bones, Empty } from './states.js';

interface GatedProps {
  /** Without this one there is nothing to see. */
  readonly method: string;
  /** What is shown, as a noun: "The settings". */
  readonly what: string;
  /** Said where the server does not have it. */
  readonly missing?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Shows its part to whom it is for; others are told which role sees it. */
export function Gated({ method, what, missing, children }: GatedProps) {
  if (!isLoaded.value) return <Bones />;
  const obstacle = obstacleTo(method);
  if (obstacle === null) return <>{children}</>;
  if (obstacle.kind === 'missing') {
    return (
      <Empty>
        {missing ?? (
          <p>
            {what}: this server offers no <span class="mono">{method}</span>. A newer one does, or a
            plugin that is not loaded.
          </p>
        )}
      </Empty>
    );
  }
  const roles = rights.value?.roles.join(', ') ?? '';
  return (
    <Empty>
      <p>
        {what} needs the role <strong>{obstacle.role}</strong>.
      </p>
      <p>
        You are {whoCalls.value}
        {roles === '' ? ', without a role' : ` with ${roles}`}.
      </p>
    </Empty>
  );
}

/** Beside what is not for everybody: nothing for who may, else the role that may. */
export function NeedsRole({ method }: { readonly method: string }) {
  const obstacle = obstacleTo(method);
  if (obstacle?.kind !== 'role') return null;
  return <span class="tag warn">needs {obstacle.role}</span>;
}
