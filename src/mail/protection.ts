import type { ParsedMail } from './message.ts';
import type { Part } from './part.ts';

/** A detached signature. Matches `application/x-pkcs7-signature`; not `application/pkcs7-mime`. */
const SIGNATURE = /^application\/(?:(?:x-)?pkcs7-signature|pgp-signature)$/;

/** Matches `application/pkcs7-mime`; not `application/pkcs7-signature`. Programs that know neither send octets named `smime.p7m`. */
const OPAQUE = /^application\/(?:x-)?pkcs7-mime$/;

/** True for parts that carry the protection and are nothing that a person attached: a signature, the version part of PGP/MIME (RFC 3156 4). */
export function isProtectionOnly(part: Part): boolean {
  if (SIGNATURE.test(part.type)) return true;
  if (part.parent?.type === 'multipart/signed') return part.filename?.toLowerCase() === 'smime.p7s'; // from programs that know no better type
  return part.type === 'application/pgp-encrypted' && part.parent?.type === 'multipart/encrypted';
}

/**
 * How a message is protected (RFC 8551, RFC 3156, inline PGP); the outermost protection counts.
 * @param text the readable text
 */
export function protectionOf(root: Part, text: string): ParsedMail['protection'] {
  return ofPart(root) ?? inlinePgp(text);
}

function ofPart(part: Part): ParsedMail['protection'] {
  if (part.type === 'multipart/encrypted') return 'pgp-encrypted';
  if (part.type === 'multipart/signed') {
    const protocol = part.params['protocol'] ?? part.children.at(-1)?.type ?? '';
    return protocol.toLowerCase().includes('pgp') ? 'pgp-signed' : 'smime-signed';
  }
  if (OPAQUE.test(part.type) || part.filename?.toLowerCase() === 'smime.p7m')
    return part.params['smime-type']?.toLowerCase() === 'signed-data' ? 'smime-signed' : 'smime-encrypted';
  for (const child of part.children) {
    const protection = ofPart(child);
    if (protection) return protection;
  }
  return null;
}

function inlinePgp(text: string): ParsedMail['protection'] {
  if (/^-----BEGIN PGP MESSAGE-----$/m.test(text)) return 'pgp-encrypted';
  if (/^-----BEGIN PGP SIGNED MESSAGE-----$/m.test(text)) return 'pgp-signed';
  return null;
}
