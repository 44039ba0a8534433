import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { makeAuthority } from './certificates.js';

const NOW = new Date('2026-12-01T12:00:00Z');

describe('The authority of a cluster', () => {
  const authority = makeAuthority('nas', NOW);
  const root = new X509Certificate(authority.certificate);

  it('vouches for itself, for ten years from a day ago', () => {
    expect(root.ca).toBe(true);
    expect(root.subject).toBe('CN=nas');
    expect(root.verify(root.publicKey)).toBe(true);
    expect(new Date(root.validFrom)).toEqual(new Date('2026-11-30T12:00:00Z'));
    expect(new Date(root.validTo).getUTCFullYear()).toBe(2036);
  });

  it.each([
    ['10.0.0.1', 'IP Address:10.0.0.1'],
    ['fd00::1', 'IP Address:FD00:0:0:0:0:0:0:1'],
    ['::ffff:10.0.0.1', 'IP Address:0:0:0:0:0:FFFF:A00:1'],
    ['nas1.example.org', 'DNS:nas1.example.org'],
  ])('vouches for %s, which is no authority itself', (host, shown) => {
    const { certificate, key } = authority.issue('n1', host);
    const issued = new X509Certificate(certificate);
    expect(issued.subjectAltName).toBe(shown);
    expect(issued.ca).toBe(false);
    expect(issued.checkIssued(root)).toBe(true);
    expect(issued.verify(root.publicKey)).toBe(true);
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  it('is believed by TLS on both sides, and no other of its name is', async () => {
    const now = new Date();
    const [trusted, other] = [makeAuthority('nas', now), makeAuthority('nas', now)];
    const { certificate: cert, key } = trusted.issue('n1', '127.0.0.1');
    const server = createServer({
      cert,
      key,
      ca: trusted.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    });
    server.on('secureConnection', (socket) => socket.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const greeting = async (ca: string): Promise<string> => {
      const socket = connect({ port, host: '127.0.0.1', ca, cert, key });
      let text = '';
      for await (const part of socket) text += String(part);
      return text;
    };
    await expect(greeting(trusted.certificate)).resolves.toBe('hello');
    await expect(greeting(other.certificate)).rejects.toThrow(/signature|issuer|self-signed/);
    server.close();
  });
});
