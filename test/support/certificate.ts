import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A certificate for this machine that nobody but its maker trusts, as files and as text. */
export interface TestCertificate {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly certificate: string;
}

export async function makeCertificate(folder: string): Promise<TestCertificate> {
  const certificateFile = join(folder, 'certificate.pem');
  const keyFile = join(folder, 'key.pem');
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const what = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' ');
  execFileSync(
    'openssl',
    ['req', '-x509', ...what, '-keyout', keyFile, '-out', certificateFile, ...name],
    { stdio: 'ignore' },
  );
  return { certificateFile, keyFile, certificate: await readFile(certificateFile, 'utf8') };
}
