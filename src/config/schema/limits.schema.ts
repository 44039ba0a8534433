import { bytes, count, integer, milliseconds, section } from './value-kinds.js';

/** `dispatcher.limits`: what one client may ask of the server, and what happens past it. */
export const LIMITS = section('Bounds on what clients may ask of the server.', {
  'message-size-unauthenticated': bytes(
    8_192,
    'Largest message in bytes before login; a larger one closes the connection with 1009.',
  ),
  'message-size': bytes(
    4_194_304,
    'Largest message in bytes after login; a larger one closes the connection with 1009.',
  ),
  'login-timeout-ms': milliseconds(
    10_000,
    'Time to log in after connecting, not asked of loopback peers; past it the connection closes with 4008.',
  ),
  'frames-per-turn': count(
    64,
    'Frames of one connection handled before others get their turn; the rest wait, in order.',
  ),
  'calls-in-flight': count(
    1_024,
    'Unanswered calls per connection, and per user over HTTP; one more is answered with EBUSY.',
  ),
  connections: count(20_000, 'Open connections; one more is refused with HTTP 503.'),
  'connections-per-address': count(
    256,
    'Open connections per remote address (of IPv6 per /64), loopback excepted; one more is refused with HTTP 503.',
  ),
  'failed-logins-per-minute': count(
    10,
    'Failed logins a minute per address and per user; one more is answered with EBUSY and the seconds to wait.',
  ),
  'outbox-frames': count(
    10_000,
    'Frames waiting for a client that does not read; more for the grace time closes its connection with 1013.',
  ),
  'outbox-bytes': bytes(
    16_777_216,
    'Bytes waiting for a client that does not read; more for the grace time closes its connection with 1013.',
  ),
  'outbox-grace-ms': milliseconds(
    5_000,
    'How long a client may stay over an outbox limit before its connection is closed.',
  ),
  'event-journal-events': count(
    10_000,
    'Latest events kept for clients that come back; older ones cannot be replayed.',
  ),
  'event-journal-bytes': bytes(
    16_777_216,
    'About how many bytes of events are kept for clients that come back.',
  ),
  'query-rows': count(
    100_000,
    'Rows of one query; more is EOVERFLOW (use a stream or the `limit` parameter).',
  ),
  // filters are walked by recursion, so the bound keeps the stack safe
  'filter-depth': integer(
    [1, 1_000],
    32,
    'Depth of nested and, or and nor in a filter; deeper is EINVAL.',
  ),
  'query-conditions': count(
    1_000,
    'Conditions of one query, nested ones and groups included; more is EINVAL.',
  ),
  'query-values': count(10_000, 'Values in all `in` and `nin` lists of one query; more is EINVAL.'),
  'query-patterns': count(64, 'Patterns (`~`, `match`) of one query; more is EINVAL.'),
  'query-pattern-characters': count(
    4_096,
    'Characters of all patterns of one query, the texts of `contains` and `ncontains` past their 64th included; more is EINVAL.',
  ),
  'query-sort-fields': count(16, 'Fields that one query sorts by; more is EINVAL.'),
  'query-select-fields': count(
    256,
    'Fields in `select` of one query, and as many in `exclude`; more is EINVAL.',
  ),
  'answer-bytes': bytes(
    33_554_432,
    'Bytes of one answer, and of all answers of a batch; more is EOVERFLOW (use a stream, `limit` or `select`).',
  ),
  'fragment-bytes': bytes(
    4_194_304,
    'Bytes of one fragment of a streamed response: fewer items go into it, a single item past it is EOVERFLOW.',
  ),
  'frame-values': count(
    100_000,
    'Values (objects, arrays and what is in them) and names of members in one message; more is EINVAL.',
  ),
  'name-characters': count(256, 'Characters in the name of an event or in a mask; more is EINVAL.'),
  masks: count(1_000, 'Masks that one connection is subscribed to; one more is EINVAL.'),
  'streaming-burst': count(16, 'Items in one fragment of a streamed response.'),
  'http-body-timeout-ms': milliseconds(
    30_000,
    'Time for the body of a call over HTTP; past it the call is refused with HTTP 408.',
  ),
  'heartbeat-ms': milliseconds(
    30_000,
    'Time between pings; a peer that has not answered by the next one is gone.',
  ),
  'service-wait-ms': milliseconds(
    30_000,
    'How long calls wait for a service that is being reloaded or has not resumed yet.',
  ),
});
