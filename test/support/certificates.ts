import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Makes an authority (`ca.pem`) and a certificate signed by it (`srv.pem`, `srv.key`) for a server on the loopback address; returns the authority's
 * certificate. Needs the program openssl.
 */
export async function makeCertificates(folder: string): Promise<string> {
  const file = (name: string) => join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.3,IP:127.0.0.4';
  await run('openssl', ['req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.pem'), '-subj', '/CN=test authority']);
  await run('openssl', [
    ...['req', '-x509', ...key, '-keyout', file('srv.key'), '-out', file('srv.pem'), '-subj', '/CN=localhost', '-addext', names],
    ...['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-addext', 'basicConstraints=critical,CA:FALSE'],
  ]);
  return readFile(file('ca.pem'), 'utf8');
}
