import { anyOf } from './anyOf.ts';

/**
 * What may follow where a whole sentence could begin: a sign, a time, a reason, the subject that is answered; not ` no puedo entrar`, ` messages are
 * not sent`, ` y necesito acceso`.
 */
const OF_NOTICE = [
  String.raw`$|[:;,.!–—()\[\]|"'-]|re\b|rv\b|fwd?\b|enc\b`,
  String.raw`hasta\b|desde\b|del?\b|por\b|durante\b|entre\b|en\b|hoy\b|esta\b|y (?:regres|retorn|vuelv|volver)`,
  String.raw`at[eé](?!\w)|retorn|e (?:retorn|volt)|con acceso limitado|com acesso limitado`,
  String.raw`until\b|till\b|from\b|since\b|through\b|on\b|for\b|today\b|tomorrow\b|this\b|next\b|and (?:will|returning|back)\b|returning\b|with (?:limited|no)\b`,
  String.raw`auto-?\s?(?:reply|response)|(?:reply|response|notice|notification|message|alert)(?!\w)`,
].join('|');

/**
 * How the subjects of absence notices begin, reply prefixes taken off. People write about absences too, so that what could begin a
 * request must be followed by a sign that it does not: `Ausencia`, `Ausencia: Re: informe`, `Out of Office until May 4`; not `Ausencia de
 * datos en el informe`, `Vacaciones no se calculan`, `Fuera de la oficina no hay acceso`, `I am out of disk space`.
 */
const ABSENCE = anyOf('^(?:…)', [
  before(OF_NOTICE, [
    // es
    /\(?fuera de (?:la |mi )?oficina|no estoy en la oficina/,
    /(?:estoy|estar[eé]|me encuentro|me encontrar[eé]) (?:de vacaciones|en (?:per[ií]odo de )?vacaciones|fuera de (?:la |mi )?oficina|ausente)/,
    /(?:en|per[ií]odo de|disfrutando (?:de )?(?:mis )?) ?vacaciones/,
    /(?:auto: ?)?[^:]{1,60} (?:est[aá]|se encuentra) (?:fuera de (?:la |su )?oficina|ausente de la oficina|de vacaciones|en vacaciones)/,
    // pt
    /fora d[oe] (?:escrit[oó]rio|empresa)|estou (?:de f[eé]rias|ausente|fora d[oe] (?:escrit[oó]rio|empresa))/,
    /(?:auto: ?)?[^:]{1,60} est[aá] (?:(?:fora|ausente) d[oe] (?:escrit[oó]rio|empresa)|de f[eé]rias)/,
    // en
    /\[?out of (?:the |my )?office|out-of-office/,
    /i(?:'m| am) (?:out of (?:the |my )?office|out of town|away|out|on (?:vacation|holiday|leave))|away from (?:the |my )?(?:office|desk|mail|e-?mail)/,
    /(?:auto: ?)?[^:]{1,60} is (?:currently )?out of the office/,
  ]),
  // es
  /(?:aviso|mensaje) de ausencia/,
  /(?:ausente|ausencia(?: temporal| por vacaciones)?|(?:de )?vacaciones)(?=\s*(?:$|[:.!–—(-]|hasta\b|(?:de|en) la oficina\b|del? \d))/,
  // pt
  /aus[eê]ncia tempor[aá]ria|aviso de (?:aus[eê]ncia|f[eé]rias)/,
  /(?:ausente|aus[eê]ncia|(?:de |em )?f[eé]rias)(?=\s*(?:$|[:.!–—(-]|at[eé](?!\w)|de \d))/,
  // en
  /ooo(?=\s*[:(-]|$)/,
  /on (?:vacation|holiday|annual leave|leave)(?=\s*(?:$|[:.!–—(-]|until|till|from))|vacation(?=\s*(?:$|[:(-]))/,
  /(?:vacation|holiday|absence) (?:notice|notification|message|reply|response|auto-?reply|alert)/,
  // fr, it
  /absente? du bureau|absence du bureau|en cong[eé]s?(?=\s*(?:$|[:.(-]|jusqu))/,
  /(?:r[eé]ponse automatique|message|notification|avis) d['’]absence/,
  /fuori (?:sede|ufficio)|(?:assenza|assente) dall['’]ufficio/,
  // de, nl
  /abwesenheits(?:notiz|nachricht|benachrichtigung|meldung|assistent)|abwesen(?:d|heit)(?=\s*(?:$|[:.(-]|bis|vom?))/,
  /ich bin (?:nicht im b[uü]ro|abwesend|im urlaub)|nicht im b[uü]ro/,
  /afwezig(?:heid(?:sbericht|smelding)?)?(?=\s*(?:$|[:.(-]|tot))|niet op kantoor/,
  // sv, da, nb, fi, pl, cs, ru
  /fr[aå]nvaro(?:meddelande)?(?=\s*(?:$|[:.(-]))|frav[aæ]r(?=\s*(?:$|[:.(-]))|(?:ikke|inte) p[aå] kontoret/,
  /poissa toimistosta|lomalla(?=\s*(?:$|[:.(-]))|nieobecno[sś][cć](?=\s*(?:$|[:.(-]|w biurze))|poza biurem|mimo kancel[aá][rř]/,
  /нет на работе|в отпуске|отсутствие на рабочем месте/,
  // ja, zh
  /不在(?:通知|の|にして)|休暇|外出中|不在办公室|不在辦公室/,
]);

/** One pattern: any of `leads`, and one of `followers` behind it. */
function before(followers: string, leads: readonly RegExp[]): RegExp {
  return anyOf(String.raw`(?:…)(?=\s*(?:${followers}))`, leads);
}

/** Behind it mail programs put a sign or nothing: `: Informe`, ` - gracias`, ``; not ` no llega`. */
const AND_NO_MORE = String.raw`^\W{0,3}(?:…)(?=\W{0,3}\s*(?:$|[:;,.!–—([|«"'-]|re\b|fw\b|from\b|to\b|de:))`;

/**
 * How the subjects of other automatic answers begin: `Respuesta automática: Informe`, `Automatic reply`; not `Respuesta automática no
 * llega a los clientes`.
 */
const ANSWER = anyOf(AND_NO_MORE, [
  // es, pt
  /(?:respuesta|contestaci[oó]n) autom[aá]tica|auto[- ]?respuesta|acuse de recibo autom[aá]tico/,
  /resposta autom[aá]tica|auto[- ]?resposta/,
  // en
  /auto(?:matic|mated)?[- ]?(?:reply|response|answer|acknowledge?ment|responder)|out of office autoreply/,
  /this is an auto[- ]?(?:mated )?(?:reply|response)/,
  // fr, it, de, nl, sv, da, nb, fi, pl, cs, hu, tr
  /r[eé]ponse automatique|risposta automatica/,
  /automatische (?:antwort|beantwoording|r[uü]ckantwort|antwoord)|automatisk?t? (?:svar|svarer)|autosvar|automaattinen vastaus/,
  /automatyczna odpowied[zź]|automatick[aá] odpov[eě][dď]|automatikus v[aá]lasz|otomatik yan[iı]t/,
  // ru, uk, el, ja, zh, ko
  /автоответ|автоматический ответ|автоматична відповідь|αυτόματη απάντηση/,
  /自動(?:応答|返信|回覆)|自动(?:回复|答复)|자동 (?:회신|응답)/,
]);

/**
 * How the subjects of messages by machines begin that answer nothing: `Notificación automática: disco lleno`; not `Mensaje automático no
 * se envía`.
 */
const NOTICE = anyOf(AND_NO_MORE, [
  /(?:mensaje|aviso) autom[aá]tico|(?:notificaci[oó]n|alerta) autom[aá]tica/,
  /(?:mensagem|notifica[cç][aã]o) autom[aá]tica|aviso autom[aá]tico/,
  /auto(?:matic|mated)[- ]?(?:message|notification|alert)/,
]);

/** How the subjects of complaints by abuse desks begin: `complaint about message from 192.0.2.1`; not `complaint about the service`. */
const COMPLAINT = /^(?:complaint about message from|abuse report\b|spam report\b|email feedback report for ip)/i;

/**
 * Asks the reader to act, as challenges do: `Your email requires verification`, `(Action Required)`, `Confirme su correo`; not
 * `Confirmación de pago`.
 */
const CHALLENGE =
  /\b(?:verif(?:y|ication)|confirm(?:ation)?|action required|whitelist|challenge|confirme (?:su|seu)|verifique (?:su|seu))\b/i;

/** The phrase with which a subject, reply prefixes taken off, shows itself as an absence notice; else null. The others likewise. */
export const absenceLead = leadBy(ABSENCE);
export const answerLead = leadBy(ANSWER);
export const noticeLead = leadBy(NOTICE);
export const complaintLead = leadBy(COMPLAINT);

function leadBy(pattern: RegExp): (subject: string) => string | null {
  return (subject) => pattern.exec(subject.normalize('NFC').trim())?.[0] ?? null;
}

export function isChallengeSubject(subject: string): boolean {
  return CHALLENGE.test(subject);
}
