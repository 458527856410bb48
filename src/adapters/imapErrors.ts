import type { ImapFlowError } from 'imapflow';
import { AppError } from '../errors.ts';
import { isCertificateProblem } from './certificates.ts';

/** Codes of a server that does nothing for us now, whatever it is asked for (RFC 5530 3; OVERQUOTA also of bandwidth). */
const NOTHING_NOW = ['UNAVAILABLE', 'INUSE', 'LIMIT', 'OVERQUOTA'];
/** Codes of a refused login that pass by themselves. */
const PASSING_REFUSALS = new Set([...NOTHING_NOW, 'SERVERBUG']);

/** What went wrong with a mailbox, said once: what was being done and where. No secret and no address is in it. */
export function sourceError(error: unknown, doing: string, host: string, login: 'password' | 'token' = 'password'): AppError {
  if (error instanceof AppError) return error;
  const fault = error as Partial<ImapFlowError>;
  const say = (code: 'SOURCE_UNREACHABLE' | 'SOURCE_REFUSED' | 'SOURCE_FAILED', temporary: boolean, remedy: string) =>
    new AppError(code, `could not ${doing} at ${host}`, { temporary, remedy, cause: bare(error) });

  if (isCertificateProblem(fault.code)) {
    return say(
      'SOURCE_REFUSED',
      false,
      `El certificado TLS de ${host} no es de confianza (${fault.code}). Corrija el certificado del servidor o indique la autoridad que lo firma.`,
    );
  }
  if (fault.tlsFailed) {
    return say(
      'SOURCE_REFUSED',
      false,
      `El servidor ${host} no ofrece una conexión cifrada: use imaps:// o permita la conexión sin cifrar.`,
    );
  }
  if (fault.authenticationFailed) {
    if (PASSING_REFUSALS.has(fault.serverResponseCode ?? '')) {
      return say('SOURCE_UNREACHABLE', true, `El servidor ${host} no deja entrar por ahora; se intentará de nuevo.`);
    }
    return say(
      'SOURCE_REFUSED',
      false,
      login === 'password'
        ? `El servidor ${host} no aceptó el usuario o la contraseña del buzón: revise BUZON_MAILBOX y BUZON_MAILBOX_PASSWORD.`
        : `El servidor ${host} no aceptó el token OAuth2 del buzón: revise el usuario en BUZON_MAILBOX y que la aplicación tenga permiso de IMAP sobre él.`,
    );
  }
  if (fault.mailboxMissing) {
    return say('SOURCE_FAILED', false, `El buzón no existe en ${host}: revise el nombre después del servidor en BUZON_MAILBOX.`);
  }
  if (isRefusal(error)) {
    return say('SOURCE_FAILED', true, `El servidor ${host} no pudo cumplir una orden; se intentará de nuevo.`);
  }
  return say('SOURCE_UNREACHABLE', true, `No hay conexión con ${host}: revise el nombre, el puerto y la red.`);
}

/** The server was reached, and did not let us in: another token may help, if a token was what it got. */
export function isRefusedLogin(error: unknown): boolean {
  return error instanceof AppError && error.cause instanceof RefusedLogin;
}

class RefusedLogin extends Error {}

/** The server answered, and refused: the connection is good. */
function isRefusal(error: unknown): boolean {
  const { responseStatus } = error as Partial<ImapFlowError>;
  return responseStatus === 'NO' || responseStatus === 'BAD';
}

/**
 * What a failed question about messages is to be blamed on. A server that does nothing for us now (Microsoft 365: `BAD Request is throttled`) says
 * nothing against the message that was asked for, and is best left alone.
 */
export function blameFor(error: unknown): 'message' | 'server' | 'connection' {
  if (!isRefusal(error)) return 'connection';
  const { code, response } = error as Partial<ImapFlowError>;
  const section = typeof response === 'object' ? response.attributes?.[0]?.section?.[0]?.value : undefined;
  return code === 'ETHROTTLE' || NOTHING_NOW.includes(String(section).toUpperCase()) ? 'server' : 'message';
}

/** The library's error with its text and the server's, without the command that was sent: a command may hold a name or a password. */
function bare(error: unknown): Error {
  const { message, code, responseText, reason, authenticationFailed } = error as Partial<ImapFlowError> & { message?: string };
  const text = [message, code, responseText, reason].filter((part) => typeof part === 'string' && part !== '').join(', ');
  return authenticationFailed ? new RefusedLogin(text) : new Error(text);
}
