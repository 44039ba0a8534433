/** `127.0.0.1 port 34914`, `unix socket`. */
export function addressText(address: string): string {
  const [host = '', port = ''] = address.split(',');
  if (host === 'unix') return 'unix socket';
  return port === '' ? host : `${host} port ${port}`;
}
