import type { Invocation } from './command.js';
import { Printer } from './output/index.js';
import { type Session, type SessionOptions, withSession } from './session/index.js';

/** Logs in, works, prints, leaves. The form of the answer is judged before anybody is asked. */
export async function onServer<T>(
  { options, io }: Pick<Invocation, 'options' | 'io'>,
  work: (session: Session, printer: Printer) => Promise<T>,
  more: Partial<SessionOptions> = {},
): Promise<T> {
  const printer = new Printer(io, options);
  return withSession({ options, io, ...more }, (session) => {
    printer.pager = session.cli.pager;
    return work(session, printer);
  });
}
