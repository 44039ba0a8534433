import type { LinkChange, NetworkLinkChange } from '../schemas/network-changes.schema.js';
import type { Link } from './links.reader.js';

/** What happened to the interfaces between two readings: what went, then what came or changed. */
export function linkChanges(before: readonly Link[], after: readonly Link[]): NetworkLinkChange[] {
  const old = new Map(before.map((link) => [link.index, link]));
  const present = new Set(after.map((link) => link.index));
  const gone = before.filter(({ index }) => !present.has(index));
  return [
    ...gone.map((link) => toChange(link, 'removed')),
    ...after.flatMap((link) => changesOf(old.get(link.index), link)),
  ];
}

function changesOf(before: Link | undefined, after: Link): NetworkLinkChange[] {
  if (before === undefined) return [toChange(after, 'added')];
  const changes: NetworkLinkChange[] = [];
  if (before.interface !== after.interface) {
    changes.push({ ...after, change: 'renamed', previous_name: before.interface });
  }
  if (isRunning(before) !== isRunning(after)) {
    changes.push(toChange(after, isRunning(after) ? 'up' : 'down'));
  } else if (!isAlike(before, after)) {
    changes.push(toChange(after, 'changed'));
  }
  return changes;
}

function toChange(link: Link, change: LinkChange): NetworkLinkChange {
  return { ...link, change, previous_name: null };
}

/** Many virtual interfaces have no state of their own: switched on is all that they can be. */
function isRunning({ is_enabled, state }: Link): boolean {
  return is_enabled && (state === 'up' || state === 'unknown');
}

function isAlike(one: Link, other: Link): boolean {
  return (
    one.is_enabled === other.is_enabled &&
    one.state === other.state &&
    one.mac === other.mac &&
    one.mtu_bytes === other.mtu_bytes &&
    one.master === other.master
  );
}
