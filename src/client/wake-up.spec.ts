import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ScriptedServer } from '../../test/support/scripted-socket.js';
import { DispatcherClient } from './index.js';

let page: EventTarget & { visibilityState: string };
let network: EventTarget;

beforeEach(() => {
  page = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
  network = new EventTarget();
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', network.addEventListener.bind(network));
  vi.stubGlobal('removeEventListener', network.removeEventListener.bind(network));
});
afterEach(() => vi.unstubAllGlobals());

/** A client whose connection was lost, and which would try again in an hour. */
async function lost() {
  const server = new ScriptedServer();
  const hour = 3_600_000;
  const client = new DispatcherClient({
    url: 'ws://x/socket',
    webSocket: server.webSocket,
    backOff: { firstMs: hour, longestMs: hour },
  });
  const connected = client.connect();
  const first = await server.socket(1);
  first.open();
  await connected;
  first.close();
  await expect.poll(() => client.state.kind).toBe('reconnecting');
  return { client, server };
}

it.each([
  ['the network is back', () => network.dispatchEvent(new Event('online'))],
  [
    'the page is looked at again',
    () => {
      page.visibilityState = 'visible';
      return page.dispatchEvent(new Event('visibilitychange'));
    },
  ],
])('when %s the connection is tried at once', async (_case, happen) => {
  const { client } = await lost();
  happen();
  expect(client.state.kind).toBe('connecting');
  client.close();
});

it('a page that is hidden waits, and a client that is closed stays so', async () => {
  const { client } = await lost();
  page.dispatchEvent(new Event('visibilitychange'));
  expect(client.state.kind).toBe('reconnecting');
  client.close();
  network.dispatchEvent(new Event('online'));
  expect(client.state.kind).toBe('closed');
});
