import { chop, close, fragments, frame, Op, ping, pong, text } from '../support/raw-web-socket.js';
import { bytes, INVALID_UTF8, VALID_UTF8 } from './websocket.texts.js';

/**
 * What RFC 6455 asks of an endpoint, as a table: numbered as the well-known suite of Autobahn numbers its
 * cases, written from the RFC. What that suite lets be echoed is here a call: its answer brings the call's
 * id back unchanged, so the id is the payload.
 */
export interface WebSocketCase {
  readonly id: string;
  readonly what: string;
  /** Sent one after the other, each in a piece of its own. */
  readonly send: readonly Buffer[];
  /**
   * What comes back, in order: `pong X`, `echo N` (a call's answer with an id of N bytes), `fault` (the
   * answer to text that is no frame of the protocol), and at last `close CODE`.
   */
  readonly outcome: readonly string[];
  /** Logged in, for messages of more than 8 KiB. */
  readonly isLoggedIn?: boolean;
}

const HEAD = '{"namespace":"rpc","name":"call","id":"';
const TAIL = '","args":{"method":"management.ping","args":[]}}';
const ENVELOPE = HEAD.length + TAIL.length;
const NORMAL = close(1_000);
const OK = 'close 1000';
const MIB = 1_024 * 1_024;

const call = (id: string): Buffer => Buffer.from(`${HEAD}${id}${TAIL}`);
/** A call of so many bytes. */
const callOf = (size: number): Buffer => call('x'.repeat(size - ENVELOPE));
const echoOf = (size: number): string => `echo ${size - ENVELOPE}`;

const part = (opcode: number, payload: string | Buffer, isFinal: boolean): Buffer =>
  frame({ opcode, payload, isFinal });

type Row = readonly [
  what: string,
  send: readonly Buffer[],
  outcome: readonly string[],
  isLoggedIn?: true,
];

const numbered = (section: string, rows: readonly Row[]): WebSocketCase[] =>
  rows.map(([what, send, outcome, isLoggedIn = false], i) => ({
    id: `${section}.${i + 1}`,
    what,
    send,
    outcome,
    isLoggedIn,
  }));

function messages(opcode: number): Row[] {
  const kind = opcode === Op.text ? 'text' : 'binary';
  const one = (size: number, payload = callOf(size)): Buffer => frame({ opcode, payload });
  return [
    [`an empty ${kind} message`, [one(0, Buffer.alloc(0)), NORMAL], ['fault', OK]],
    ...[125, 126, 127, 128].map((size): Row => [
      `a ${kind} message of ${size} bytes`,
      [one(size), NORMAL],
      [echoOf(size), OK],
    ]),
    ...[65_535, 65_536].map((size): Row => [
      `a ${kind} message of ${size} bytes`,
      [one(size), NORMAL],
      [echoOf(size), OK],
      true,
    ]),
    [
      `a ${kind} message of 65536 bytes in pieces of 997`,
      [...chop(one(65_536), 997), NORMAL],
      [echoOf(65_536), OK],
      true,
    ],
  ];
}

const TEN = Array.from({ length: 10 }, (_, i) => `payload-${i}`);
const BINARY = bytes('00 ff fe fd fc fb 00 ff');

const PINGS: Row[] = [
  ['an empty ping', [ping(), NORMAL], ['pong ', OK]],
  ['a ping with text', [ping('Hello!'), NORMAL], ['pong Hello!', OK]],
  ['a ping with bytes', [ping(BINARY), NORMAL], [`pong ${BINARY.toString('latin1')}`, OK]],
  ['a ping of 125 bytes', [ping('x'.repeat(125)), NORMAL], [`pong ${'x'.repeat(125)}`, OK]],
  ['a ping of 126 bytes', [ping('x'.repeat(126))], ['close 1002']],
  [
    'a ping of 125 bytes, byte by byte',
    [...chop(ping('x'.repeat(125)), 1), NORMAL],
    [`pong ${'x'.repeat(125)}`, OK],
  ],
  ['a pong that nobody asked for', [pong(), NORMAL], [OK]],
  ['a pong with text that nobody asked for', [pong('unsolicited'), NORMAL], [OK]],
  ['such a pong, and a ping', [pong('unsolicited'), ping('x'), NORMAL], ['pong x', OK]],
  ['ten pings', [Buffer.concat(TEN.map(ping)), NORMAL], [...TEN.map((its) => `pong ${its}`), OK]],
  [
    'ten pings, byte by byte',
    [...chop(Buffer.concat(TEN.map(ping)), 1), NORMAL],
    [...TEN.map((its) => `pong ${its}`), OK],
  ],
];

const RESERVED: Row[] = [1, 2, 3, 4, 5, 6, 7].flatMap((reserved): Row[] => [
  [
    `text with the reserved bits ${reserved}`,
    [frame({ opcode: Op.text, payload: callOf(200), reserved })],
    ['close 1002'],
  ],
  [
    `a call, and text with the reserved bits ${reserved}`,
    [
      Buffer.concat([
        text(callOf(200)),
        frame({ opcode: Op.text, payload: callOf(200), reserved }),
        ping(),
      ]),
    ],
    [echoOf(200), 'close 1002'],
  ],
  [
    `a ping with the reserved bits ${reserved}`,
    [frame({ opcode: Op.ping, payload: 'x', reserved })],
    ['close 1002'],
  ],
]);

const OPCODES: Row[] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode): Row[] => [
  [`the opcode ${opcode}`, [frame({ opcode })], ['close 1002']],
  [`the opcode ${opcode} with a payload`, [frame({ opcode, payload: 'reserved' })], ['close 1002']],
  [
    `a call, the opcode ${opcode}, a ping`,
    [Buffer.concat([text(callOf(200)), frame({ opcode }), ping()])],
    [echoOf(200), 'close 1002'],
  ],
]);

const WHOLE = callOf(300);
const [FIRST = WHOLE, SECOND = WHOLE] = chop(WHOLE, 150);
const first = part(Op.text, FIRST, false);
const last = part(Op.continuation, SECOND, true);
const ECHO = echoOf(300);

const FRAGMENTS: Row[] = [
  ['a ping in two fragments', [part(Op.ping, 'a', false), part(0, 'b', true)], ['close 1002']],
  ['a pong in two fragments', [part(Op.pong, 'a', false), part(0, 'b', true)], ['close 1002']],
  ['text in two fragments', [first, last, NORMAL], [ECHO, OK]],
  ['text in two fragments in one piece', [Buffer.concat([first, last]), NORMAL], [ECHO, OK]],
  [
    'text in two fragments, byte by byte',
    [...chop(Buffer.concat([first, last]), 1), NORMAL],
    [ECHO, OK],
  ],
  ['a ping between two fragments', [first, ping('mid'), last, NORMAL], ['pong mid', ECHO, OK]],
  [
    'a ping between two fragments in one piece',
    [Buffer.concat([first, ping('mid'), last]), NORMAL],
    ['pong mid', ECHO, OK],
  ],
  [
    'a ping between two fragments, byte by byte',
    [...chop(Buffer.concat([first, ping('mid'), last]), 1), NORMAL],
    ['pong mid', ECHO, OK],
  ],
  ['a final continuation of nothing, then text', [part(0, 'x', true), text(WHOLE)], ['close 1002']],
  ['the same in one piece', [Buffer.concat([part(0, 'x', true), text(WHOLE)])], ['close 1002']],
  ['a final continuation of nothing, byte by byte', chop(part(0, 'x', true), 1), ['close 1002']],
  ['a continuation of nothing', [part(0, 'x', false), text(WHOLE)], ['close 1002']],
  ['the same in one piece', [Buffer.concat([part(0, 'x', false), text(WHOLE)])], ['close 1002']],
  ['a continuation of nothing, byte by byte', chop(part(0, 'x', false), 1), ['close 1002']],
  [
    'a continuation behind a whole message',
    [Buffer.concat([first, last, part(0, 'x', false)])],
    [ECHO, 'close 1002'],
  ],
  ['fragments that begin with a continuation', [part(0, 'a', false), first, last], ['close 1002']],
  ['the same, the continuation final', [part(0, 'a', true), first, last], ['close 1002']],
  ['text between the fragments of text', [first, text(WHOLE)], ['close 1002']],
  [
    'pings between five fragments',
    [
      ...fragments(WHOLE, 60).flatMap((each, i) => (i % 2 === 0 ? [each, ping(`${i}`)] : [each])),
      NORMAL,
    ],
    ['pong 0', 'pong 2', ECHO, 'pong 4', OK],
  ],
  [
    'the same in one piece',
    [
      Buffer.concat(
        fragments(WHOLE, 60).flatMap((each, i) => (i % 2 === 0 ? [each, ping(`${i}`)] : [each])),
      ),
      NORMAL,
    ],
    ['pong 0', 'pong 2', 'pong 4', ECHO, OK],
  ],
  [
    'empty fragments around',
    [part(1, '', false), part(0, WHOLE, false), part(0, '', true), NORMAL],
    [ECHO, OK],
  ],
];

const UTF8: Row[] = [
  ...VALID_UTF8.flatMap((id): Row[] => {
    const echo = `echo ${Buffer.byteLength(id)}`;
    return [
      [JSON.stringify(id), [text(call(id)), NORMAL], [echo, OK]],
      [
        `${JSON.stringify(id)} in fragments of a byte`,
        [...fragments(call(id), 1), NORMAL],
        [echo, OK],
      ],
      [`${JSON.stringify(id)}, byte by byte`, [...chop(text(call(id)), 1), NORMAL], [echo, OK]],
    ];
  }),
  ...INVALID_UTF8.flatMap((wrong): Row[] => {
    const payload = Buffer.concat([Buffer.from('"'), wrong, Buffer.from('"')]);
    const hex = wrong.toString('hex');
    return [
      [`the bytes ${hex}`, [text(payload)], ['close 1007']],
      [`the bytes ${hex} at the end`, [text(wrong)], ['close 1007']],
      [`the bytes ${hex} in fragments of a byte`, fragments(payload, 1), ['close 1007']],
      [
        `the bytes ${hex} behind a call`,
        [Buffer.concat([text(WHOLE), text(payload), ping()])],
        [ECHO, 'close 1007'],
      ],
      [
        `the bytes ${hex} as a binary message`,
        [frame({ opcode: Op.binary, payload }), NORMAL],
        ['fault', OK],
      ],
    ];
  }),
];

const GOOD_CODES = [
  1_000, 1_001, 1_002, 1_003, 1_007, 1_008, 1_009, 1_010, 1_011, 3_000, 3_999, 4_000, 4_999,
];
const BAD_CODES = [0, 999, 1_004, 1_005, 1_006, 1_015, 1_016, 1_100, 2_000, 2_999, 5_000, 65_535];

const CLOSINGS: Row[] = [
  ['a call and a close frame', [text(WHOLE), NORMAL], [ECHO, OK]],
  ['both in one piece', [Buffer.concat([text(WHOLE), NORMAL])], [ECHO, OK]],
  ['two close frames', [Buffer.concat([NORMAL, NORMAL])], [OK]],
  ['a ping behind the close frame', [Buffer.concat([NORMAL, ping('late')])], [OK]],
  ['a call behind the close frame', [Buffer.concat([NORMAL, text(WHOLE)])], [OK]],
  ['a fault behind the close frame', [Buffer.concat([NORMAL, frame({ opcode: 5 })])], [OK]],
  ['a close frame between fragments', [Buffer.concat([first, NORMAL, last])], [OK]],
  [
    'a long message, a close frame and a ping',
    [text(callOf(256 * 1_024)), NORMAL, ping()],
    [echoOf(256 * 1_024), OK],
    true,
  ],
  ['an empty close frame', [close()], ['close 1005']],
  ['a close frame of one byte', [frame({ opcode: Op.close, payload: 'x' })], ['close 1002']],
  ['a close frame with a reason', [close(1_000, 'Goodbye')], [OK]],
  ['a reason of 123 bytes', [close(1_000, 'x'.repeat(123))], [OK]],
  ['a reason of 124 bytes', [close(1_000, 'x'.repeat(124))], ['close 1002']],
  ['a close frame in fragments', [frame({ opcode: Op.close, isFinal: false })], ['close 1002']],
  ...INVALID_UTF8.slice(0, 6).map((reason): Row => [
    `the reason ${reason.toString('hex')}`,
    [close(1_000, reason)],
    ['close 1007'],
  ]),
  ...GOOD_CODES.map((code): Row => [`the code ${code}`, [close(code, 'why')], [`close ${code}`]]),
  ...BAD_CODES.flatMap((code): Row[] => [
    [`the code ${code}`, [close(code)], ['close 1002']],
    [`the code ${code} with a reason`, [close(code, 'why')], ['close 1002']],
  ]),
];

const LIMIT = 4 * MIB;
const SIZES = [64, 256, 1_024, 4_096].map((kib) => kib * 1_024);

const LIMITS: Row[] = [
  ...[Op.text, Op.binary].flatMap((opcode): Row[] => [
    ...SIZES.map((size): Row => [
      `a message of ${size} bytes, opcode ${opcode}`,
      [frame({ opcode, payload: callOf(size) }), NORMAL],
      [echoOf(size), OK],
      true,
    ]),
    ...[LIMIT + 1, 2 * LIMIT, 4 * LIMIT].map((size): Row => [
      `a message of ${size} bytes, opcode ${opcode}`,
      [frame({ opcode, payload: Buffer.alloc(size, 'x') })],
      ['close 1009'],
      true,
    ]),
    ...[256, 1_024, 4_096, 65_536, 1_048_576, LIMIT].map((size): Row => [
      `4 MiB in fragments of ${size} bytes, opcode ${opcode}`,
      [...fragments(callOf(LIMIT), size, opcode), NORMAL],
      [echoOf(LIMIT), OK],
      true,
    ]),
    [
      `4 MiB in more than 16384 fragments, opcode ${opcode}`,
      fragments(callOf(LIMIT), 128, opcode),
      ['close 1008'],
      true,
    ],
    ...[1_024, 4_096, 65_536].map((size): Row => [
      `1 MiB in pieces of ${size} bytes, opcode ${opcode}`,
      [...chop(frame({ opcode, payload: callOf(MIB) }), size), NORMAL],
      [echoOf(MIB), OK],
      true,
    ]),
    ...[128, 1_024, 4_096].map((size): Row => [
      `200 messages of ${size} bytes, opcode ${opcode}`,
      [...Array.from({ length: 200 }, () => frame({ opcode, payload: callOf(size) })), NORMAL],
      [...Array.from({ length: 200 }, () => echoOf(size)), OK],
      true,
    ]),
  ]),
  ['a message of 8 KiB before login', [text(callOf(8_192)), NORMAL], [echoOf(8_192), OK]],
  ['a message of 8 KiB and a byte before login', [text(callOf(8_193))], ['close 1009']],
  ['8 KiB and a byte in fragments before login', fragments(callOf(8_193), 100), ['close 1009']],
  [
    'a header that promises 2^63 bytes',
    [bytes('81 ff 80 00 00 00 00 00 00 00 00 00 00 00')],
    ['close 1009'],
  ],
  ['a header that promises too much, cut in two', [bytes('81'), bytes('fe 20 01')], ['close 1009']],
];

const AT_THE_HEADER: Row[] = [
  ['unmasked text of which only the header came', [bytes('81 7e 03 e8')], ['close 1002']],
  ['a reserved bit, two bytes', [bytes('c1 fe')], ['close 1002']],
  ['a bad opcode, two bytes', [bytes('83 fe')], ['close 1002']],
  ['a long ping, two bytes', [bytes('89 fe')], ['close 1002']],
  ['the same, byte by byte', [bytes('89'), bytes('fe')], ['close 1002']],
  [
    'a ping of three bytes with the length in the long form',
    [frame({ opcode: Op.ping, payload: 'abc', lengthBytes: 2 })],
    ['close 1002'],
  ],
  [
    'the same with eight bytes of length',
    [frame({ opcode: Op.ping, payload: 'abc', lengthBytes: 8 })],
    ['close 1002'],
  ],
  [
    'a control frame beyond the limit of messages',
    [frame({ opcode: Op.pong, payload: 'x'.repeat(9_000) })],
    ['close 1002'],
  ],
  [
    'text with the length in the long form',
    [frame({ opcode: Op.text, payload: callOf(100), lengthBytes: 8 }), NORMAL],
    [echoOf(100), OK],
  ],
  [
    'an unmasked call',
    [frame({ opcode: Op.text, payload: WHOLE, isMasked: false })],
    ['close 1002'],
  ],
  ['an unmasked close frame', [frame({ opcode: Op.close, isMasked: false })], ['close 1002']],
  [
    'an unmasked fragment behind a masked one',
    [first, frame({ opcode: 0, payload: SECOND, isMasked: false })],
    ['close 1002'],
  ],
  [
    'a call, and an unmasked one in the same piece',
    [
      Buffer.concat([
        text(WHOLE),
        frame({ opcode: 1, payload: WHOLE, isMasked: false }),
        text(WHOLE),
      ]),
    ],
    [ECHO, 'close 1002'],
  ],
];

export const CASES: readonly WebSocketCase[] = [
  ...numbered('1.1', messages(Op.text)),
  ...numbered('1.2', messages(Op.binary)),
  ...numbered('2', PINGS),
  ...numbered('3', RESERVED),
  ...numbered('4', OPCODES),
  ...numbered('5', FRAGMENTS),
  ...numbered('6', UTF8),
  ...numbered('7', CLOSINGS),
  ...numbered('9', LIMITS),
  ...numbered('10', [
    [
      'a message in fragments of 1300 bytes, as a client that fragments by itself',
      [...fragments(callOf(65_536), 1_300), NORMAL],
      [echoOf(65_536), OK],
      true,
    ],
  ]),
  ...numbered('header', AT_THE_HEADER),
];
