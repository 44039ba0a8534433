import { isListed, isLoopbackAddress, networkList } from '../common/index.js';
import type { DispatcherConfiguration } from '../config/index.js';
import { type ListenerOptions, readTlsFiles, type TlsMaterial } from '../gateway/index.js';

const LOOPBACK = '127.0.0.1';

/** Whether passwords can be read on their way to it: there is neither TLS nor a proxy that has some. */
export function isReadable(
  { address, tls }: ListenerOptions,
  { trustedProxies }: DispatcherConfiguration['dispatcher'],
): boolean {
  const isNear = address === 'localhost' || (address !== null && isLoopbackAddress(address));
  return tls === null && !isNear && trustedProxies.length === 0;
}

/** @throws Error as {@link tlsMaterial} */
export function listenerOptions(
  dispatcher: DispatcherConfiguration['dispatcher'],
): ListenerOptions {
  const { unixSocket, unixSocketGroup, limits } = dispatcher;
  const proxies = networkList(dispatcher.trustedProxies);
  const tls = tlsMaterial(dispatcher);
  return {
    port: dispatcher.websocketPort,
    address: dispatcher.websocketAddress ?? (tls === null ? LOOPBACK : null),
    tls,
    unix: unixSocket === null ? null : { path: unixSocket, group: unixSocketGroup },
    maxConnections: limits.connections,
    connectionsPerAddress: limits.connectionsPerAddress,
    isUnlimited: (ip) => isLoopbackAddress(ip) || isListed(ip, proxies),
  };
}

/** What clients are shown; null without TLS. @throws Error with one line on what is wrong with the files */
export function tlsMaterial(dispatcher: DispatcherConfiguration['dispatcher']): TlsMaterial | null {
  const { tls, tlsCertificate: certificate, tlsKeyfile: keyfile } = dispatcher;
  if (!tls || certificate === null || keyfile === null) return null;
  return readTlsFiles({ certificate, keyfile });
}
