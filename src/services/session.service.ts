import { SessionLog, SESSIONS } from '../auth/index.js';
import { coded } from '../common/index.js';
import {
  accepts,
  Datastore,
  description,
  type DispatcherEvent,
  type Filter,
  h,
  provider,
  query,
  type QueryParams,
  requireRoles,
  returns,
  type Sender,
  sender,
} from '../sdk/index.js';
import { SESSION, type SessionRow, WHOAMI, type WhoAmI } from '../wire/index.js';
import { SessionPost } from './session-post.js';

const MESSAGE = h.string({ maxLength: 65_536 });

@provider('session')
@description('Who is and was logged in, and messages to those who are')
export class SessionService {
  constructor(
    private readonly store: Datastore,
    private readonly sessions: SessionLog,
    private readonly post: SessionPost,
  ) {}

  @description('Lists sessions, present and past ones')
  @query(SESSION)
  async query(filter?: Filter, params?: QueryParams): Promise<unknown> {
    const { sessions, store } = this;
    await sessions.flush(); // rows are written behind: what the caller knows of is to be among them
    return store.query(SESSIONS, filter ?? null, params);
  }

  @description('Sessions of users that are connected now')
  @accepts()
  @returns(h.array(SESSION))
  getLiveUserSessions(): SessionRow[] | Promise<SessionRow[]> {
    return this.post.live();
  }

  @description('The number of the session that calls; null for a plugin')
  @accepts()
  @returns(h.nullable(h.integer()))
  getMySessionId(@sender() caller: Sender): number | null {
    return caller.sessionId;
  }

  @description('Who the caller is')
  @accepts()
  @returns(WHOAMI)
  whoami(@sender() caller: Sender): WhoAmI {
    const { user, kind, roles, sessionId, address } = caller;
    return { username: user, kind, roles: [...roles], session_id: sessionId, address };
  }

  @description('Sends a message to a session, as an event session.message')
  @accepts(h.integer(), MESSAGE)
  @returns(null)
  @requireRoles('operator')
  sendToSession(id: number, message: string, @sender() caller: Sender): null | Promise<null> {
    const found = this.post.send(id, toEvent(message, caller));
    return found instanceof Promise ? found.then((isSent) => sent(isSent, id)) : sent(found, id);
  }

  @description('Sends a message to every session')
  @accepts(MESSAGE)
  @returns(null)
  @requireRoles('operator')
  sendToAll(message: string, @sender() caller: Sender): null | Promise<null> {
    return this.post.tell(toEvent(message, caller))?.then(() => null) ?? null;
  }
}

function sent(isSent: boolean, session: number): null {
  if (!isSent) throw coded('SESSION_NOT_FOUND', { session });
  return null;
}

function toEvent(message: string, { sessionId, user }: Sender): DispatcherEvent {
  return { name: 'session.message', args: { sender_id: sessionId, sender_name: user, message } };
}
