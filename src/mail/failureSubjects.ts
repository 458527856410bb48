import { anyOf } from './anyOf.ts';
import { failurePhraseIn, saysDelayed } from './failurePhrases.ts';

/**
 * Subjects that mail servers write and people do not: `Undelivered Mail Returned to Sender`, `Undeliverable: Informe`, `No se puede
 * entregar: Informe`; not `Error en la entrega de pedidos`, `Mail delivery is slow`, `Warning: message queue delayed`.
 */
const SERVER_SUBJECT = anyOf('^(?:…)', [
  // en
  /undelivered mail returned to sender/,
  /undeliverable(?: mail|: | message)/,
  /mail delivery failed(?:: returning|$)/,
  /delivery status notification ?\(/,
  /failure notice$|returned mail: |non-delivery: |delivery notification: |mail system error - returned/,
  /(?:mail |message )?delivery fail(?:ure|ed)$/,
  /warning: (?:message \w{4,12}-\w{4,20}-\w{2,8} delayed|could not send message)/,
  // es
  /(?:correo devuelto|mensaje no entregado|no se puede entregar|no entregado): /,
  /notificaci[oó]n de estado de (?:la )?entrega ?\(/,
  // pt
  /(?:n[aã]o [eé] poss[ií]vel entregar|n[aã]o entregue): /,
  /notifica[cç][aã]o de status de entrega ?\(/,
  // fr, it, de, nl, ja
  /(?:non remis ?|mancato recapito|non recapitabile|unzustellbar|onbestelbaar|配信不能): /,
  /メールエラー通知/,
]);

/** Says what was not delivered: `Mail could not be delivered`, `Error en la entrega de su mensaje`; not `Error en la entrega de pedidos`. */
const ABOUT_MAIL = anyOf('(?:…)', [
  /\be-?mail|\bmail\b|\bmessage|\bsender\b|undeliver|non-?deliver|^\W{0,5}delivery|\brecipient/,
  /\bcorreo|\bmensaje|\bremitente|\bdestinatario|\bmensagem|\bdestinat[aá]rio/,
  /non remis|non distribu|recapit|nachricht|zustell|zugestellt|bestelba|bezorg|dostarcz|сообщени|недостав|メール|配信|退信|メッセージ/,
]);
/** People come to the point as well, but later; in front of it stand marks and names: `[Postmaster] Email Delivery Failure`. */
const MAX_LEAD_CHARS = 48;
const MAX_SUBJECT_CHARS = 400;

/**
 * How surely a subject, prefixes taken off, is that of a delivery report: only servers write it; it begins as reports do, people's as well; it says
 * somewhere that something did not arrive, which tells only in the mouth of a server.
 */
export function subjectTells(written: string): 'surely' | 'likely' | 'perhaps' | 'nothing' {
  const subject = written.slice(0, MAX_SUBJECT_CHARS);
  if (SERVER_SUBJECT.test(subject)) return 'surely';
  if (failurePhraseIn(subject) === null && !saysDelayed(subject)) return 'nothing';
  const lead = subject.slice(0, MAX_LEAD_CHARS);
  return ABOUT_MAIL.test(lead) && (failurePhraseIn(lead) !== null || saysDelayed(lead)) ? 'likely' : 'perhaps';
}
