import { isListed, isLoopbackAddress, networkList } from '../common/index.js';
import type { DispatcherConfiguration } from '../config/index.js';
import { type ListenerOptions, readTlsFiles, type TlsMaterial } from '../gateway/index.js';

/** @throws Error as {@link tlsMaterial} */
export function listenerOptions(
  dispatcher: DispatcherConfiguration['dispatcher'],
): ListenerOptions {
  const { unixSocket, unixSocketGroup, limits } = dispatcher;
  const proxies = networkList(dispatcher.trustedProxies);
  return {
    port: dispatcher.websocketPort,
    address: dispatcher.websocketAddress,
    tls: tlsMaterial(dispatcher),
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
