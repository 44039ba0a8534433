import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame, FrameFault } from './frame.js';
import { parseFrame } from './frame.codec.js';

/** Mostly written well, lest one fault hide another. */
const mostly = (usual: string, ...others: string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));

/** What a call may be written like, and what must not be taken for one: a word of each in turn. */
const ids = fc.oneof(
  fc.constantFrom(
    '1',
    '0',
    '007',
    '-1',
    '1e3',
    'null',
    '9007199254740993',
    '"a-b"',
    '"a\\"b"',
    '""',
  ),
  fc.nat().map(String),
  fc.uuid().map((text) => `"${text}"`),
);
const methods = mostly('"a.b"', '"a"', '"a\nb"', '"a\\u002eb"', '"é.b"', '""', 'null');
const values = fc.oneof(
  fc.json(),
  fc.constantFrom(
    '[]',
    '[1]',
    '{}',
    '[1],"view":true',
    '[1],"view":{}',
    '[1]}',
    '[1}',
    '',
    '[{"$date":1}]',
  ),
);
const heads = mostly(
  '{"namespace":"rpc","name":"call",',
  '{"name":"call","namespace":"rpc",',
  '{"namespace":"rpc","name":"abort",',
  '{ "namespace":"rpc","name":"call",',
);
const tails = mostly(
  '}}',
  '}} ',
  '}',
  ',"args":[2]}}',
  ',"id":7}}',
  '},"id":7}',
  '},"args":null}',
  '}}}',
);

const messages = fc
  .tuple(heads, ids, methods, values, tails)
  .map(
    ([head, id, method, args, tail]) =>
      `${head}"id":${id},"args":{"method":${method},"args":${args}${tail}`,
  );

/** The frame as the protocol states it, read in the plainest way; null: a fault. */
function plainly(text: string): Pick<Frame, 'namespace' | 'name' | 'id' | 'args'> | null {
  try {
    const { namespace, name, id, args } = JSON.parse(text) as Record<string, unknown>;
    const isId = typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id));
    return { namespace: String(namespace), name: String(name), id: isId ? id : null, args };
  } catch {
    return null;
  }
}

function essence(frame: Frame | FrameFault): unknown {
  if ('fault' in frame) return null;
  const { namespace, name, id, args } = frame;
  return { namespace, name, id, args };
}

describe('parseFrame', () => {
  it('reads a call exactly as JSON has it, however it is written', () => {
    fc.assert(
      fc.property(messages, (text) => {
        expect(essence(parseFrame(text))).toEqual(plainly(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it('says of a call with extended values that it has some', () => {
    const text =
      '{"namespace":"rpc","name":"call","id":1,"args":{"method":"a.b","args":[{"$long":"1"}]}}';
    expect(parseFrame(text)).toMatchObject({ hasExtended: true });
  });
});
