import type { IgnoreCause, QuarantineCause } from './ticket.ts';

export type Cause = QuarantineCause | IgnoreCause;

/** What people read in place of the codes, which the database, JSON and the documentation keep. */
const CAUSE_NAMES: Record<Cause, string> = {
  unreadable: 'no se puede leer',
  'no-sender': 'no tiene autor',
  'header-too-large': 'encabezado demasiado grande',
  'too-many-parts': 'demasiadas partes',
  'too-deep': 'demasiadas partes, una dentro de otra',
  'too-large': 'demasiado grande',
  'parse-timeout': 'leerlo tarda demasiado',
  'parse-crashed': 'el lector se cayó al leerlo',
  'program-died': 'el programa se cayó con él',
  'stranger-on-ticket': 'no participa en el ticket',
  'authentication-failed': 'autenticación fallida',
  replayed: 'un correo anterior, enviado de nuevo',
  'own-address': 'usa nuestra dirección',
  'server-stub': 'aviso del servidor en lugar del mensaje',
  'alias-cycle': 'números anteriores en círculo',
  'no-contract': 'cliente sin contrato vigente',
  'decision-failed': 'error del programa',
  duplicate: 'repetido',
  own: 'correo nuestro',
  'before-start': 'anterior al primer arranque',
  discarded: 'descartado',
  expired: 'expiró en cuarentena',
};

/** Why a mail is held or ignored, with its code: `repetido (duplicate)`. */
export function causeName(cause: Cause): string {
  return `${CAUSE_NAMES[cause]} (${cause})`;
}
