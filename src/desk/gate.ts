import { domainOf } from '../mail/fields.ts';
import type { Authentication, Automatic, DeliveryReport, ParsedMail } from '../mail/message.ts';
import { isPlainAddress } from '../mail/plainAddress.ts';
import { type Policy, withoutTag } from './policy.ts';
import { isPublicMail } from './publicMail.ts';
import type { Known, Reply } from './ticket.ts';

export interface GateQuestion {
  mail: ParsedMail;
  automatic: Automatic;
  report: DeliveryReport | null;
  authentication: Authentication;
  known: Known;
  policy: Policy;
  receivedAt: Date;
  now: Date;
}

/** Words of the trace by which tickets that got no answer in a storm are found again. */
export const STORM_WORDS = 'el límite contra avalanchas es';

/** May an automatic answer go out for this mail, which one, and if none, why. The reasons are asked in this order. */
export function replyFor({ mail, automatic, report, authentication, known, policy, receivedAt, now }: GateQuestion): Reply {
  const none = (because: string): Reply => ({ kind: 'none', because });
  const { limits } = policy;
  const domain = domainOf(mail.from.address);

  if (report !== null) return none('un rebote nunca se responde');
  if (automatic.kind !== null) return none(`lo escribió una máquina (${automatic.kind}): ${automatic.evidence[0] ?? ''}`);
  if (automatic.suppress.length > 0) return none(`el correo pide no recibir respuestas automáticas: ${automatic.suppress.join('; ')}`);
  if (authentication.verdict === 'fail') return none(`la autenticación del remitente falló: ${authentication.evidence.join('; ')}`);
  if (mail.fromField === 'reply-to') return none(`no hay dirección del autor a la cual responder (se tomó de ${mail.fromField})`);
  if (!isPlainAddress(mail.from.address)) return none('la dirección del remitente no tiene una forma sencilla');
  const blocked = policy.neverAnswer.find((entry) => isAt(mail.from.address, entry));
  if (blocked !== undefined) return none(`${blocked} está en gate.neverAnswer`);
  if (known.undeliverable) return none('respuestas anteriores a esta dirección fueron devueltas');
  const ageHours = (now.getTime() - receivedAt.getTime()) / 3_600_000;
  if (ageHours > policy.answerMaxAgeHours)
    return none(`llegó hace ${Math.floor(ageHours)} horas y el límite es ${policy.answerMaxAgeHours}`);
  if (known.replies.toAddressLastHour >= limits.repliesPerAddressPerHour) {
    return none(
      `${known.replies.toAddressLastHour} respuestas a esta dirección en una hora, y el límite es ${limits.repliesPerAddressPerHour}`,
    );
  }
  if (!isPublicMail(domain) && known.replies.toDomainLastHour >= limits.repliesPerDomainPerHour) {
    return none(
      `${known.replies.toDomainLastHour} respuestas a este dominio en una hora, y el límite es ${limits.repliesPerDomainPerHour}`,
    );
  }
  if (known.replies.newTicketsLastMinute >= limits.newTicketsPerMinute) {
    return none(`${known.replies.newTicketsLastMinute} tickets nuevos en un minuto, y ${STORM_WORDS} ${limits.newTicketsPerMinute}`);
  }
  if (authentication.verdict === 'pass' || known.registration?.by === 'contact') return { kind: 'acknowledge' };
  return policy.unauthenticated === 'none'
    ? none('nadie responde por el remitente, que no es contacto registrado (gate.unauthenticated: none)')
    : { kind: policy.unauthenticated };
}

/** Is it this address, or one of this domain: `Ana+x@Ventas.Cliente.co` is at `cliente.co`; not at `ente.co`. */
function isAt(address: string, entry: string): boolean {
  const plain = withoutTag(address);
  return entry.includes('@') ? plain === withoutTag(entry) : plain.endsWith(`@${entry}`) || plain.endsWith(`.${entry}`);
}
