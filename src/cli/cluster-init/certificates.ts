import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import {
  bits,
  identifier,
  integer,
  octets,
  sequence,
  set,
  tagged,
  taggedText,
  utcTime,
  utf8,
  yes,
} from './der.js';

const ECDSA_WITH_SHA256 = sequence(identifier('1.2.840.10045.4.3.2'));
const SERIAL_BYTES = 16;
const DAY_MS = 86_400_000;
/** Clocks of machines that have never been set may be behind. */
const BEFORE_MS = DAY_MS;
const LIFETIME_MS = 3_652 * DAY_MS;
const PEM_COLUMNS = 64;

/** A certificate and its private key, in PEM. */
interface Certified {
  readonly certificate: string;
  readonly key: string;
}

/** Vouches for the servers of one cluster, for ten years. */
export interface Authority extends Certified {
  /** A certificate for an address or host name, for a server and for one that connects to another. */
  issue(name: string, host: string): Certified;
}

/** An authority that exists nowhere else. @example makeAuthority('nas', new Date()) */
export function makeAuthority(name: string, now: Date): Authority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name, key: own.privateKey };
  const certify = (subject: string, key: KeyObject, extensions: readonly Buffer[]): string =>
    certificateOf({ issuer, subject, key, now, extensions });
  return {
    certificate: certify(name, own.publicKey, [
      extension('2.5.29.19', sequence(yes()), 'critical'), // an authority
      extension('2.5.29.15', bits(Buffer.from([0x06]), 1), 'critical'), // signs certificates
    ]),
    key: keyText(own.privateKey),
    issue(subject, host) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const purposes = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'].map(identifier);
      const certificate = certify(subject, pair.publicKey, [
        extension('2.5.29.19', sequence(), 'critical'),
        extension('2.5.29.15', bits(Buffer.from([0x80]), 7), 'critical'), // signs what it says
        extension('2.5.29.37', sequence(...purposes)),
        extension('2.5.29.17', sequence(alternativeName(host))),
        extension('2.5.29.35', sequence(taggedText(0, keyId(own.publicKey)))),
      ]);
      return { certificate, key: keyText(pair.privateKey) };
    },
  };
}

interface CertificateParts {
  readonly issuer: { readonly name: string; readonly key: KeyObject };
  readonly subject: string;
  readonly key: KeyObject;
  readonly now: Date;
  readonly extensions: readonly Buffer[];
}

function certificateOf({ issuer, subject, key, now, extensions }: CertificateParts): string {
  const from = new Date(now.getTime() - BEFORE_MS);
  const until = new Date(now.getTime() + LIFETIME_MS);
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40; // neither negative nor with a zero in front
  const content = sequence(
    tagged(0, integer(Buffer.from([2]))), // version 3
    integer(serial),
    ECDSA_WITH_SHA256,
    nameOf(issuer.name),
    sequence(utcTime(from), utcTime(until)),
    nameOf(subject),
    publicPart(key),
    tagged(3, sequence(...extensions, extension('2.5.29.14', octets(keyId(key))))),
  );
  const signature = sign('sha256', content, { key: issuer.key, dsaEncoding: 'der' });
  return pem(sequence(content, ECDSA_WITH_SHA256, bits(signature)));
}

function extension(id: string, value: Buffer, critical?: 'critical'): Buffer {
  const mark = critical === undefined ? [] : [yes()];
  return sequence(identifier(id), ...mark, octets(value));
}

const nameOf = (text: string): Buffer => sequence(set(sequence(identifier('2.5.4.3'), utf8(text))));

function alternativeName(host: string): Buffer {
  if (isIPv4(host)) return taggedText(7, Buffer.from(host.split('.').map(Number)));
  if (isIPv6(host)) return taggedText(7, ipv6Bytes(host));
  return taggedText(2, Buffer.from(host));
}

function ipv6Bytes(address: string): Buffer {
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const words = (text: string): string[] => text.split(':').filter((word) => word !== '');
  const [before, after] = [words(head), words(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const all = [...before, ...zeros, ...after].map((word) => word.padStart(4, '0'));
  return Buffer.from(all.join(''), 'hex');
}

const publicPart = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

const keyId = (key: KeyObject): Buffer => createHash('sha1').update(publicPart(key)).digest();

const keyText = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(new RegExp(`.{1,${PEM_COLUMNS}}`, 'g')) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
