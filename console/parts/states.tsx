import type { ComponentChildren } from 'preact';
import { CallError } from '../connection/session.js';
import { Icon } from './icon.js';
import { WithLinks } from './with-links.js';

/** What went wrong: name, reason, and the way on. */
export function Failure({
  error,
  onRetry,
}: {
  readonly error: Error;
  readonly onRetry?: () => void;
}) {
  const title = error instanceof CallError ? `${error.name} ${error.code}` : 'Error';
  return (
    <div class="notice bad" role="alert">
      <Icon name="warn" />
      <div class="grow">
        <strong>{title}</strong>{' '}
        <span>
          <WithLinks text={error.message} />
        </span>
      </div>
      {onRetry && (
        <button type="button" class="button small" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

/** What an address asks for and what is not there, with the way to what is. */
export function Absent({
  name,
  all,
  children,
}: {
  readonly name: string;
  /** Where the others are, and what they are called. */
  readonly all: readonly [link: string, label: string];
  readonly children: ComponentChildren;
}) {
  const [link, label] = all;
  return (
    <Empty>
      <h1 class="mono">{name}</h1>
      <p>{children}</p>
      <p>
        <a href={link}>{label}</a>
      </p>
    </Empty>
  );
}

/** Where text will be. */
export function Bones({ lines = 6 }: { readonly lines?: number }) {
  return (
    <div class="bones" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <i key={index} />
      ))}
    </div>
  );
}

export function PageHead({
  title,
  lead,
  children,
}: {
  readonly title: string;
  readonly lead?: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <header class="page-head">
      <h1>{title}</h1>
      {lead !== undefined && <span class="lead">{lead}</span>}
      {children !== undefined && <div class="row wrap end">{children}</div>}
    </header>
  );
}
