import type { ChildServer } from '../subjects/child-server.js';
import type { StartOptions, Subject } from '../subjects/subject.js';

/** A subject whose server runs. */
export interface Started<S extends Subject = Subject> {
  readonly subject: S;
  readonly server: ChildServer;
}

/** What could be started, and in words what could not. */
export interface StartedAll<S extends Subject = Subject> {
  readonly started: readonly Started<S>[];
  readonly notes: readonly string[];
}

/** Starts each subject; one that fails becomes a note, so that the others are still measured. */
export async function startAll<S extends Subject>(
  subjects: readonly S[],
  options: StartOptions = {},
): Promise<StartedAll<S>> {
  const started: Started<S>[] = [];
  const notes: string[] = [];
  for (const subject of subjects) {
    try {
      started.push({ subject, server: await subject.start(options) });
    } catch (error) {
      notes.push(`${subject.name} is missing: ${(error as Error).message}`);
    }
  }
  return { started, notes };
}

/** Stops them all. */
export async function stopAll(started: readonly Started[]): Promise<void> {
  await Promise.all(started.map(({ server }) => server.stop()));
}
