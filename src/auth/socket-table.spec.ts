import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { KernelSocketTable } from './socket-table.js';

const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid';
const tables = (tcp: string[], tcp6: string[]) => {
  const texts = { tcp: [HEADER, ...tcp].join('\n'), tcp6: [HEADER, ...tcp6].join('\n') };
  return new KernelSocketTable((name) => Promise.resolve(texts[name]));
};
const row = (local: string, remote: string, state: string, uid: number): string =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  ${uid}        0 1 1`;
const ends = { localIp: '127.0.0.1', localPort: 0x9c40, remoteIp: '127.0.0.1', remotePort: 5000 };

describe('the kernel socket table', () => {
  it('gives the owner of the row whose ends are those of the connection', async () => {
    const table = tables(
      [
        row('0100007F:9C41', '0100007F:1388', '01', 5),
        row('0100007F:9C40', '0100007F:1388', '01', 1000),
      ],
      [],
    );
    expect(await table.uidOf(ends)).toBe(1000);
  });

  it('finds an IPv4 connection made with an IPv6 socket', async () => {
    const mapped = '0000000000000000FFFF00000100007F';
    expect(await tables([], [row(`${mapped}:9C40`, `${mapped}:1388`, '01', 42)]).uidOf(ends)).toBe(
      42,
    );
  });

  it('finds nobody for a connection that is over, for the reverse direction and for hostile lines', async () => {
    const table = tables(
      [
        row('0100007F:9C40', '0100007F:1388', '06', 7),
        row('0100007F:1388', '0100007F:9C40', '01', 7),
        '',
        'garbage',
        '0: x',
      ],
      [],
    );
    expect(await table.uidOf(ends)).toBeNull();
    expect(await table.uidOf({ ...ends, localIp: 'not an address' })).toBeNull();
  });

  it.each(['127.0.0.1', '::1'])('finds our own uid for a real connection over %s', async (host) => {
    const server = createServer().listen(0, host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connect(port, host);
    const [[peer]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
      [Socket],
      unknown,
    ];
    const uid = await new KernelSocketTable().uidOf({
      localIp: peer.remoteAddress!,
      localPort: peer.remotePort!,
      remoteIp: peer.localAddress!,
      remotePort: peer.localPort!,
    });
    expect(uid).toBe(process.getuid!());
    client.destroy();
    peer.destroy();
    server.close();
  });
});
