import { anyOf } from './anyOf.ts';

/**
 * Subjects that mail servers write and people do not: `Undelivered Mail Returned to Sender`, `Undeliverable: Informe`, `No se puede
 * entregar: Informe`; not `Error en la entrega de pedidos`, `Mail delivery is slow`.
 */
const SERVER_SUBJECT = anyOf('^(?:…)', [
  // en
  /undelivered mail returned to sender/,
  /undeliverable(?: mail|: | message)/,
  /mail delivery failed(?:: returning|$)/,
  /delivery status notification ?\(/,
  /failure notice$|returned mail: |non-delivery: |delivery notification: |mail system error - returned/,
  /(?:mail |message )?delivery fail(?:ure|ed)$/,
  /warning: (?:message \S{1,40} delayed|could not send message)/,
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

/**
 * Subjects of delivery reports in the mouth of a mail server; people begin a subject like this as well: `Delivery failure`, `Mensaje
 * devuelto`; not `Error en la entrega de pedidos`.
 */
const LIKELY_SUBJECT = anyOf(String.raw`^(?:\W{0,10}(?:postmaster)?\W{0,10})?(?:…)`, [
  // en
  /undeliver(?:ed|able)|non[- ]?deliver/,
  /mail (?:system )?(?:delivery|error|failure|failed)|email delivery failure|notice: mail delivery status/,
  /mail (?:could )?not (?:be )?delivered/,
  /delivery (?:status|failure|failed|error|problem|delayed?|has|notification)|permanent delivery failure/,
  /failure (?:notice|delivery)|failed (?:mail|delivery)|fail to deliver/,
  /returned (?:mail|message|to sender)|returning (?:your )?(?:mail|message)/,
  /message (?:delivery|not delivered|undeliverable|could not|you sent|status - undeliverable)/,
  /(?:your )?(?:message|mail|e-?mail) to .{1,120} (?:could not|was not|has not)/,
  /warning: (?:message|could not)|there was an error sending|error sending|processing error|automatically rejected mail/,
  // es
  /(?:su|tu) (?:correo|mensaje) .{0,120}no (?:fue|pudo|ha podido|se)/,
  /correo (?:devuelto|no entregado)|mensaje (?:no entregado|devuelto)/,
  /no se (?:puede|pudo|ha podido) entregar|no entregado/,
  /notificaci[oó]n de (?:estado de )?(?:la )?entrega/,
  // pt
  /n[aã]o (?:foi|[eé]) poss[ií]vel entregar|n[aã]o entregue|mensagem (?:devolvida|n[aã]o entregue)/,
  // fr, it, de, nl, pl, ru, ja, zh
  /non remis|non distribu|[eé]chec de (?:la )?(?:remise|distribution)|mancato recapito|non recapitabile/,
  /unzustellbar|nicht zustellbar|zustellung|onbestelbaar|niet bezorgd|niedostarcz/,
  /недоставлен|не доставлен|ваше сообщение не доставлено|недоставка/,
  /メールエラー|配信不能|退信|系统退信|無法傳遞/,
]);

/** How surely a subject, prefixes taken off, is that of a delivery report. */
export function subjectTells(subject: string): 'surely' | 'likely' | 'nothing' {
  if (SERVER_SUBJECT.test(subject)) return 'surely';
  return LIKELY_SUBJECT.test(subject) ? 'likely' : 'nothing';
}
