import { AppError, type ErrorCode } from '../errors.ts';
import { isCertificateProblem } from './certificates.ts';

/** What nodemailer puts on an error. */
export interface SmtpFault {
  message: string;
  /** `EAUTH`, `EENVELOPE`, ..., or Node.js's own code. */
  code?: string | undefined;
  /** The server's three digits (RFC 5321 4.2). */
  responseCode?: number | undefined;
  response?: string | undefined;
  /** The command that was answered: `MAIL FROM`, `RCPT TO`, `DATA`, `AUTH PLAIN`, ... */
  command?: string | undefined;
}

/**
 * Sorts a failed delivery by what helps: waiting (`TRANSPORT_UNREACHABLE`, `TRANSPORT_UNANSWERED`, `TRANSPORT_DEFERRED`), mending our settings while
 * the mail waits (`TRANSPORT_REFUSED`), or nothing (`TRANSPORT_REJECTED`, permanent). The server's words are kept, addresses in them masked.
 * @param handedOver the server let us begin with the mail's content
 */
export function transportError(fault: SmtpFault | AppError, host: string, handedOver: boolean): AppError {
  if (fault instanceof AppError) return withoutToken(fault);
  const { code, command, responseCode } = fault;
  const words = withoutAddresses(fault.response ?? fault.message);
  const say = (kind: ErrorCode, temporary: boolean, remedy?: string) =>
    new AppError(kind, words, { temporary, ...(remedy === undefined ? {} : { remedy }) });

  if (isCertificateProblem(code) || isCertificateText(fault.message)) {
    return say(
      'TRANSPORT_REFUSED',
      true,
      `El certificado TLS de ${host} no es de confianza: corríjalo o indique la autoridad que lo firma.`,
    );
  }
  if (code === 'ETLS' || (code === 'ECONNECTION' && command === 'EHLO' && /STARTTLS/.test(fault.message))) {
    return say(
      'TRANSPORT_REFUSED',
      true,
      `El servidor ${host} no ofrece una conexión cifrada: use smtps:// o permita la conexión sin cifrar.`,
    );
  }
  if (isRefusedLogin(fault)) {
    return say(
      'TRANSPORT_REFUSED',
      true,
      `El servidor ${host} no aceptó el usuario o la contraseña (o el token) de salida: revise BUZON_TRANSPORT. Las respuestas esperan en la cola.`,
    );
  }
  const refusedByUs = fault.response === undefined && (code === 'EENVELOPE' || code === 'EMESSAGE');
  if (refusedByUs) return say('TRANSPORT_REJECTED', false); // the library finds the mail unfit before it asks the server; it always will
  if (responseCode === undefined && handedOver) {
    return say(
      'TRANSPORT_UNANSWERED',
      true,
      `El servidor de envío ${host} recibió un correo y no contestó: pudo haberlo entregado. Revise qué le pasa a ese servidor.`,
    );
  }
  if (responseCode === undefined) {
    return say('TRANSPORT_UNREACHABLE', true, `No hay conexión con el servidor de envío ${host}: revise el nombre, el puerto y la red.`);
  }
  if (responseCode < 500) return say('TRANSPORT_DEFERRED', true);
  const tooLarge = command === 'MAIL FROM' && responseCode === 552;
  if (command === 'RCPT TO' || command === 'DATA' || tooLarge) return say('TRANSPORT_REJECTED', false);
  return say(
    'TRANSPORT_REFUSED',
    true,
    `El servidor ${host} no acepta correo de esta dirección: revise el remitente y los permisos de la cuenta.`,
  );
}

export function isRefusedLogin({ code, responseCode }: SmtpFault): boolean {
  return code === 'EAUTH' || code === 'EOAUTH2' || responseCode === 530 || responseCode === 535;
}

/** An access token could not be had: mail waits until somebody mends the grant, or until the authorization server can be reached. */
function withoutToken({ code, message, remedy }: AppError): AppError {
  const kind = code === 'SOURCE_REFUSED' ? 'TRANSPORT_REFUSED' : 'TRANSPORT_UNREACHABLE';
  return new AppError(kind, message, { temporary: true, ...(remedy === undefined ? {} : { remedy }) });
}

/** The words of a server are cut after so many characters. */
const LONGEST_WORDS = 1000;

/** `<ana@cliente.example>: no existe` as `<a***@cliente.example>: no existe`. */
export function withoutAddresses(text: string): string {
  return text.slice(0, LONGEST_WORDS).replace(/[^\s<>"'@]{1,200}@/g, (local) => `${local.slice(0, 1)}***@`); // 'ana@', not 'a las 8 @ 9'
}

function isCertificateText(message: string): boolean {
  return /certificate|self-signed/i.test(message); // 'self-signed certificate in certificate chain', not 'Connection closed'
}
