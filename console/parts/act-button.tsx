import type { ComponentChildren } from 'preact';
import { isReady } from '../connection/session.js';
import { obstacleTo } from '../state/rights.js';

interface ActButtonProps {
  /** What it calls: who may not is told which role may. */
  readonly method: string;
  readonly label?: string;
  readonly tone?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly size?: 'normal' | 'small';
  readonly isBusy?: boolean;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}

/** A button for one method of the server: dead without a connection or the role, and says why. */
export function ActButton(props: ActButtonProps) {
  const {
    method,
    label,
    tone = 'plain',
    size = 'normal',
    isBusy = false,
    onClick,
    children,
  } = props;
  const obstacle = obstacleTo(method);
  const reason = reasonOf(obstacle, method);
  return (
    <button
      type="button"
      class={`button ${tone} ${size === 'small' ? 'small' : ''}`}
      disabled={!isReady.value || isBusy || obstacle !== null}
      aria-label={label}
      title={reason}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

function reasonOf(obstacle: ReturnType<typeof obstacleTo>, method: string): string | undefined {
  if (obstacle === null) return undefined;
  return obstacle.kind === 'role'
    ? `Needs the role ${obstacle.role}`
    : `This server offers no ${method}`;
}
