import { describe, expect, it } from 'vitest';
import { findFqdn } from './identity.js';

const HOSTS = `127.0.0.1 localhost localhost.localdomain
127.0.1.1\tnas.example.org nas # nas.wrong.org
::1 ip6-localhost
`;

describe('the full name of a host', () => {
  it('is the name with a domain beside the short one in /etc/hosts', () => {
    expect(findFqdn('nas', HOSTS)).toBe('nas.example.org');
  });

  it('is the host name itself when that has a domain', () => {
    expect(findFqdn('nas.example.net', HOSTS)).toBe('nas.example.net');
  });

  it('is not known when no line has both, comments not counted', () => {
    expect(findFqdn('backup', HOSTS)).toBeNull();
    expect(findFqdn('nas', '10.0.0.1 nas\n# 10.0.0.1 nas nas.example.org\n')).toBeNull();
    expect(findFqdn('nas', '')).toBeNull();
  });
});
