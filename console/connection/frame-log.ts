import { Ring } from '../state/ring.js';

/** A frame of this page's own connection; secrets are hidden before it is kept. */
export interface SeenFrame {
  readonly id: number;
  readonly at: Date;
  readonly direction: 'sent' | 'received';
  readonly text: string;
  /** Characters that it had. */
  readonly size: number;
}

const KEPT = 500;
const MAX_TEXT = 20_000;
const SECRET = /"(\$?password|token|key|secret)"(\s*:\s*)"(?:[^"\\]|\\.)*"/gi;

export const frames = new Ring<SeenFrame>(KEPT);
const listeners = new Set<() => void>();

/** Calls back with each frame; returns what ends it. */
export function onFrame(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function keep(direction: SeenFrame['direction'], data: unknown): void {
  if (typeof data !== 'string') return;
  // the text that is cut off is not searched: ten megabytes come through here, too
  const text = data.slice(0, MAX_TEXT).replace(SECRET, '"$1"$2"<hidden>"');
  frames.push({ id: frames.total, at: new Date(), direction, text, size: data.length });
  for (const listener of listeners) listener();
}

/** The browser's socket, of which every frame is seen. */
export class SeenSocket extends WebSocket {
  constructor(url: string) {
    super(url);
    this.addEventListener('message', ({ data }) => keep('received', data));
  }

  override send(data: string): void {
    keep('sent', data);
    super.send(data);
  }
}
