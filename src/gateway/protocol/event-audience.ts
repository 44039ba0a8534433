import { rightsOf } from '../../auth/index.js';
import type { Audience } from '../../cluster/index.js';
import type { Sender } from '../../sdk/index.js';
import { viewOf } from '../../tasks/index.js';

/** Whether an event for that audience is for the subscriber, by the rights that it has now. */
export function isAmong(audience: Audience, subscriber: Sender): boolean {
  switch (audience.kind) {
    case 'task':
      return viewOf(subscriber, audience) !== null;
    case 'user': {
      const isUser = subscriber.kind === 'user' && subscriber.user === audience.name;
      return isUser || rightsOf(subscriber).isAdministrator;
    }
    case 'readers':
      return rightsOf(subscriber).isReader;
    case 'services':
      return subscriber.kind === 'service' || subscriber.kind === 'plugin';
    default:
      return false; // of a kind that only nodes of a newer version know
  }
}
