import type { EventTypeRow } from '../../wire/index.js';
import { boundArguments, withArgumentNames } from '../call/bound-arguments.js';
import type { Invocation } from '../command.js';
import { definitionsFor } from '../discovery/signature.js';
import { UsageError } from '../exit-status.js';
import { onServer } from '../on-server.js';
import type { Session } from '../session/index.js';
import { readArguments, type Signature } from '../values/index.js';

/** Publishes an event, and returns when the server has taken it. @throws UsageError; what the server answers */
export async function emitCommand(invocation: Invocation): Promise<undefined> {
  const [name = '', ...words] = invocation.operands;
  const written = readArguments(words);
  await onServer(invocation, async (session) => {
    const { args, names } = await boundArguments(written, () => eventSignature(session, name));
    const [only = {}] = Array.isArray(args) ? (args as readonly unknown[]) : [args];
    if (typeof only !== 'object' || only === null) {
      throw new UsageError('The arguments of an event have names: name=value');
    }
    await withArgumentNames(names, () =>
      session.client.events.publishConfirmed(name, only as Readonly<Record<string, unknown>>),
    );
  });
}

/** What an event of the name takes. */
export async function eventSignature(session: Session, name: string): Promise<Signature> {
  const types = await session.call<Record<string, EventTypeRow>>('discovery.get_event_types');
  const schema = (Object.hasOwn(types, name) ? types[name]?.event_schema : null) ?? {
    type: 'object',
  };
  const definitions = await definitionsFor(session, schema);
  return { what: `event ${name}`, parameters: null, items: [schema], definitions };
}
