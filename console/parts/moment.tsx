import { useEffect, useState } from 'preact/hooks';
import type { Json } from '../forms/index.js';
import { agoOf, momentOf, stampOf } from './time.js';

/** The present, again each second while `isRunning`. */
export function useNow(isRunning = true): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => setNow(new Date()), 1_000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}

/** When something was: date and time, and how long ago that is. */
export function Moment({ value, now }: { readonly value: Json | undefined; readonly now: Date }) {
  const date = momentOf(value);
  if (date === null) return <span class="muted">–</span>;
  return (
    <time class="moment" dateTime={date.toISOString()} title={date.toISOString()}>
      <span>{stampOf(date)}</span> <span class="muted small">{agoOf(date, now)}</span>
    </time>
  );
}
