import { anyOf } from './anyOf.ts';
import type { ParsedMail } from './message.ts';
import { ASKS, LETTER, TELLS } from './personWords.ts';
import { isForwardPrefix, withoutReplyPrefixes } from './subject.ts';

/** What is said to somebody who has written: the beginning of a sentence, a greeting and thanks before it; not what is quoted: `debe decir: …`. */
const SENTENCE = '(?:^|,|(?<!dec[ií]r|dice|mensaje|texto|llega|muestra|respuesta|sale|says):) ?(?:…)';
const REQUEST_ES =
  '(?:mensaje|solicitud|correo|e-?mail|comunicaci[oó]n|requerimiento|consulta|caso|petici[oó]n|ticket|reporte|queja|pqrs?f?|incidencia|incidente|reclamo)';
const REQUEST_EN = '(?:request|message|e-?mail|inquiry|enquiry|ticket|case|query|submission|incident)';
const REQUEST_PT = '(?:solicita[cç][aã]o|mensagem|e-?mail|chamado|ticket|protocolo|pedido)';
/** ` 4521`, ` (#4521)`, ` INC0012`; not ` de ayer`. */
const NUMBER = String.raw`(?: ?\(?(?:n[uú]mero |no\.? |n[°º] )?[a-z#-]{0,8}\d[\w-]{0,20}\)?)?`;

/**
 * Tells the writer that what he wrote has come in: `Hemos recibido su solicitud`, `Su ticket ha sido creado`, `We have received your request`; not
 * `Hemos recibido dos facturas`, `Hemos creado el ticket 8841 para el seguimiento`.
 */
const RECEIVED = anyOf(SENTENCE, [
  new RegExp(
    String.raw`(?:(?:le |les )?(?:informamos|confirmamos|notificamos) que )?(?:ya )?(?:(?:hemos |se ha )?(?:recibido|registrado|radicado)|recibimos|registramos|acusamos recibo de|confirmamos (?:el recibo|la recepci[oó]n) de) (?:\w{4,12}mente |con [eé]xito )?[st]u (?:${LETTER}{1,12} )?${REQUEST_ES}`,
  ),
  new RegExp(
    String.raw`(?:(?:le |les )?(?:informamos|notificamos) que )?[st]u (?:nuev[oa] )?${REQUEST_ES}${NUMBER} (?:ha sido|fue|se ha|ha quedado|qued[oó]|est[aá] siendo|ser[aá]) (?:\w{4,12}mente )?(?:recibid|cread|registrad|radicad|asignad|abiert|atendid|generad|cerrad|resuelt|solucionad)[oa]`,
  ),
  /(?:y )?(?:se )?le hemos asignado (?:el |un )?(?:n[uú]mero|(?:ticket|caso) (?=n|#|\d))/,
  new RegExp(`(?:hemos creado|se ha creado|se cre[oó]) (?:el|un) (?:ticket|caso)${NUMBER} (?:con|para) su`),
  new RegExp(
    String.raw`(?:we(?:'ve| have)? (?:successfully )?received|(?:we would like to |we )?acknowledge (?:that we have received|(?:the )?receipt of)|this (?:e-?mail|message) confirms (?:that we have received|(?:the )?receipt of)) your (?:\w{1,12} )?${REQUEST_EN}`,
  ),
  new RegExp(
    `your (?:new |support )?${REQUEST_EN}${NUMBER} (?:has been|was|is being) (?:successfully )?(?:received|created|opened|registered|logged|assigned)`,
  ),
  /(?:and )?a (?:new )?(?:support )?ticket has been (?:created|opened)/,
  new RegExp(`(?:ticket|case)${NUMBER} has been (?:created|opened) (?:for|from|with) your`),
  new RegExp(`recebemos (?:a |o )?(?:sua|seu) (?:${LETTER}{1,12} )?${REQUEST_PT}`),
  new RegExp(String.raw`(?:sua|seu) ${REQUEST_PT}${NUMBER} foi (?:\w{4,12}mente )?(?:recebid|criad|abert|registrad|gerad)[oa]`),
]);

/** `Gracias por contactarnos`, `Thank you for contacting`, which people write too; not `Gracias por su atención`. */
const THANKS = anyOf(SENTENCE, [
  /gracias por (?:contactar|comunicar|escribir|ponerse en contacto|su (?:mensaje|correo|comunicaci[oó]n))/,
  /(?:thank you|thanks) for (?:contacting|reaching out|getting in touch|writing|your (?:message|e-?mail|inquiry|interest))/,
  /obrigad[oa] (?:pel[oa] (?:seu |sua )?(?:contato|mensagem)|por (?:entrar em contato|escrever))/,
]);
/** What nobody promises alone: `le responderemos`, `un asesor lo contactará`, `our team will get back to you`; not `les aviso mañana`. */
const PROMISE = anyOf(`(?<!${LETTER})(?:…)`, [
  /(?:le|te|lo|nos) (?:responderemos|contestaremos|contactaremos|atenderemos|pondremos en contacto)/,
  /(?:un|una|nuestro) (?:asesor|agente|representante|analista|equipo|especialista)a? (?:\S{2,12} ){0,3}(?:responder[aá]|contactar[aá]|atender[aá]|comunicar[aá])/,
  /(?:we|(?:our|the) (?:\w{1,12} )?team|a (?:\w{1,12} )?representative) (?:will|'ll) (?:get back|reply|respond|be in touch|be reviewing|contact you|review your)/,
  /(?:entraremos em contato|retornaremos|responderemos|nossa equipe (?:responder[aá]|entrar[aá]))/,
]);

/** Where somebody is who does not read it: `Me encuentro fuera de la oficina`, `I am currently out of the office`; not `Estuve de vacaciones`, `Estoy en la oficina de Cali`. */
const ABSENT = anyOf(SENTENCE, [
  /(?:(?:en este momento|en estos momentos|actualmente|por el momento),? )?(?:me encuentro|me encontrar[eé]|estoy|estar[eé]) (?:actualmente |temporalmente |disfrutando )?(?:fuera de (?:la |mi )?oficina|(?:de |en )?(?:mi |mis |un |el )?(?:per[ií]odo de )?vacaciones|de (?:licencia|permiso|viaje)|ausente)/,
  /no (?:estoy|estar[eé]|me encuentro|me encontrar[eé]) (?:actualmente |temporalmente )?en la oficina/,
  /i(?: am|'m| will be|'ll be) (?:currently )?(?:out of (?:the |my )?office|away|on (?:vacation|holiday|(?:annual |maternity |sick )?leave))/,
  /(?:estou|estarei|encontro-me) (?:de f[eé]rias|ausente|fora d[oe] (?:escrit[oó]rio|empresa))/,
]);
/** And what such notices add: `regreso el lunes`, `for urgent matters`; not `por favor revisar`, not `es urgente`. */
const MEANWHILE =
  /regres|retorn|retom|reintegr|volver[eé]|vuelvo|hasta (?:el|la|nuevo)\b|(?:asuntos?|temas?|casos?|algo|ser|si es|sea) (?:muy )?urgente|urgencia|urg[eê]ncia|ausencia|acceso limitado|por favor (?:contact|comun[ií]|escri[bv]|env)|\breturn|\bback on\b|\buntil\b|urgent (?:matter|issue|request|assist)|absence|limited access|please contact|volto|favor contat/i;

/**
 * What stands below mail to many that carries no List-Unsubscribe: `Si no desea recibir más correos haga clic aquí`; not `dar de baja al usuario`,
 * `Suscríbase a nuestro boletín`, nor what companies set below all their mail: `Si no desea recibir más comunicaciones escriba a datos@x.co`.
 */
const TO_MANY = anyOf(`(?<!${LETTER}|["“«'])(?:…)`, [
  /no (?:desea|deseas|quiere|quieres) (?:seguir recibiendo|recibir) (?:m[aá]s )?(?:estos |este tipo de |nuestros |nuestras )?(?:correos|mensajes|e-?mails|publicidad|bolet|comunicaciones|informaci[oó]n|notificaciones)(?=[^.]{0,80}(?:https?:|clic\b|aqu[ií]|enlace|\blink|respond|cambi[ae] (?:tus|sus)))/,
  /(?:darse|darte|date) de baja\b.{0,60}(?:<https?:|haga clic|haz clic|aqu[ií]|enlace|link)/,
  /(?:cancelar (?:la |mi |su |tu )?suscripci[oó]n|anular (?:la )?suscripci[oó]n|descadastrar(?:-se)?|cancelar (?:a )?inscri[cç][aã]o) ?(?:aqu[ií])? ?<(?:https?|mailto):/,
  /(?:recibe|recibes|recibi[oó]|recibiste) (?:este|esta) (?:correo|mensaje|e-?mail|comunicaci[oó]n) porque (?:est[aá]s?|se|te|usted|eres|es) /,
  /para deixar de receber|n[aã]o (?:deseja|quer|quiser) (?:mais )?receber (?:mais )?(?:noss[oa]s|est[ea]s?|e-?mails|mensagens)/,
]);

/** The link at the top of such mail: `Ver en el navegador` where a line begins; not `el botón de ver en el navegador`. */
const IN_BROWSER =
  /(?:^|[?.|:]) {0,3}(?:(?:ver|leer|visualizar) (?:este (?:correo|e-?mail|mensaje) |el mensaje )?(?:en|no) (?:el |su |tu |seu )?navegador|view (?:this (?:e-?mail|message) )?(?:online|in (?:your|a|the) (?:web )?browser))/im;

/**
 * What services write about an account: `Su código de verificación es 552211`, `Para activar su cuenta haga clic`; not `El código de verificación no llega`.
 */
const ABOUT_AN_ACCOUNT = anyOf(`(?<!${LETTER}|["“«'])(?:…)`, [
  /(?:su|tu|seu) c[oó]digo de (?:verificaci[oó]n|seguridad|acceso|confirmaci[oó]n|verifica[cç][aã]o|seguran[cç]a) (?:es|[eé])(?=:? ?[\w-]{0,6}\d{3})/,
  /your (?:verification|security|login|confirmation|one-time|access) (?:code|password|passcode) is(?=:? ?[\w-]{0,6}\d{3})/,
  /para (?:activar|confirmar|verificar|completar|ativar) (?:su|tu|la|el|sua|seu) (?:cuenta|registro|correo|direcci[oó]n|suscripci[oó]n|inscripci[oó]n|conta|cadastro).{0,40}(?:haga clic|haz clic|pulse|ingrese|siga|clique)/,
  /(?:click|follow|use) (?:on )?(?:the|this) (?:link|button)(?: below)? to (?:activate|confirm|verify|complete) your/,
  /si (?:usted |t[uú] )?no (?:la |lo |ha |has )?(?:solicit|realiz|hizo|pidi).{0,40}(?:ignor|omit|descart)[ae]r? (?:este|el|esta) (?:mensaje|correo|e-?mail)/,
  /if you (?:did not|didn't) (?:request|make|initiate|sign up).{0,40}(?:ignore|disregard) this/,
]);

/** Lines of monitors: `Notification Type: PROBLEM` (Nagios), `Original problem ID: 12`, `Trigger status: OK` (Zabbix); not `Tipo: problema`. */
const OF_A_MONITOR =
  /^(?:notification type: (?:problem|recovery|acknowledgement)|original (?:problem|event) id: \d|trigger (?:status|severity): \w)/im;

/** What else stands in the mail of somebody who had our mail: an objection, a file, what we asked for; not `medio ambiente`. */
const MORE_THAN_RECEIPT = anyOf(`(?<!${LETTER})(?:…)(?!${LETTER})`, [
  /pero|sin embargo|but|however|por[eé]m|mas (?:o|a|ainda)/,
  /adjuntamos|anexamos|remitimos|enviamos (?:l[oa]s?|el)|attached|em anexo/,
  /versi[oó]n|(?<!medio )ambiente|producci[oó]n|version|environment|production|logs/,
]);

/** Characters where a notice says what it is, and where what stands below mail to many is looked for. */
const MOST_CHARS = 1500;
const MOST_FOOTER_CHARS = 3000;
/** No notice of absence is longer. */
const MOST_NOTICE_CHARS = 1000;

/**
 * The words in which a mail without any such field shows itself as written by a machine: that something was received, that somebody is away, what stands
 * below mail to many, about an account, of a monitor. Null when there are none. People write such words too, now and then: they say no more than that an
 * automatic answer would be out of place. Who asks something or tells what is wrong is a person; what is passed on says so of itself.
 */
export function machineWordsIn({ subject, newText, signature }: Pick<ParsedMail, 'subject' | 'newText' | 'signature'>): string | null {
  const bare = withoutReplyPrefixes(subject.slice(0, 400));
  if (bare.prefixes.some(isForwardPrefix)) return null;
  const read = [newText.slice(0, MOST_CHARS), newText.slice(MOST_CHARS).slice(-MOST_FOOTER_CHARS), signature.slice(0, MOST_FOOTER_CHARS)];
  const [start = '', ...rest] = read.map(plain);
  const all = [start, ...rest].join('\n');
  if (ASKS.test(start)) return null;
  const monitor = OF_A_MONITOR.exec(read[0]!)?.[0] ?? null;
  if (monitor !== null || TELLS.test(start)) return monitor;
  // The subject of an answer is that of the mail that is answered.
  const sentences = [...(bare.prefixes.length === 0 ? [plain(bare.subject)] : []), ...sentencesOf(start)];
  return (
    (asksSomething(all) ? null : (receivedIn(sentences, start) ?? absenceIn(newText, start))) ??
    (TO_MANY.exec(all) ?? IN_BROWSER.exec(read.join('\n')) ?? ABOUT_AN_ACCOUNT.exec(all))?.[0].trim() ??
    null
  );
}

function receivedIn(sentences: readonly string[], start: string): string | null {
  if (MORE_THAN_RECEIPT.test(start)) return null;
  const found = firstIn(sentences, RECEIVED);
  if (found !== null) return found;
  return firstIn(sentences, THANKS) === null ? null : firstIn(sentences, PROMISE);
}

function absenceIn(newText: string, start: string): string | null {
  return newText.length < MOST_NOTICE_CHARS && MEANWHILE.test(start) ? firstIn(sentencesOf(start), ABSENT) : null;
}

function firstIn(sentences: readonly string[], words: RegExp): string | null {
  for (const sentence of sentences) {
    const found = words.exec(sentence);
    if (found) return found[0].replace(/^[,: ]{1,3}/, '');
  }
  return null;
}

function asksSomething(text: string): boolean {
  return /[¿?]/.test(text.replace(/https?:\S{1,2000}/g, '')); // '¿Qué pasó?' but not 'https://x.co/?a=1'
}

/** Lines are joined, as mail programs break them; paragraphs are not. */
function plain(text: string): string {
  return text.replace(/\s+/g, (blanks) => (/\n[^\n]*\n/.test(blanks) ? '\n' : ' ')).trim();
}

function sentencesOf(text: string): string[] {
  return text.split(/[.!;] |\n/).map((sentence) => sentence.replace(/^[\s*_"'“«#-]{1,20}/, ''));
}
