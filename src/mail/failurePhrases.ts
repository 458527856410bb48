import { anyOf } from './anyOf.ts';

/**
 * How mail servers say that a mail did not arrive, by language, in lower case. Each phrase is enough by itself in the mouth of a mail
 * server; people use them too, so that they prove nothing about a mail whose sender is a person. Bounded repeats only.
 */
const FAILURE: readonly RegExp[] = [
  // `could not be delivered`, `cannot deliver`, `did not reach`, `Undelivered Mail`, `Delivery has failed`; not `delivered yesterday`
  anyOf(String.raw`\b(?:…)\b`, [
    /(?:not|[a-z]{1,8}n[o'’]t|cannot|unable to|failed to|fail(?:ure|ing)? to)(?: [a-z]{1,9}){0,3}? (?:deliver(?:ed)?|reach(?:ed)?|sen[dt]|accept(?:ed|ing)?|processed|receive)/,
    /undeliver(?:able|ed)|non[- ]?deliver(?:y|able|ed)|returned (?:mail|to sender|message)|return(?:ed|ing) (?:your )?(?:mail|message)/,
    /del[ie]very (?:to .{1,80} )?(?:has |was |of .{1,60} )?(?:been )?(?:fail(?:ed|ure)|problem|error|aborted|delayed|postponed|suspended)/,
    /delivery (?:status notification|(?:attempts?|report|status|notification)\W{1,3}fail(?:ed|ure))/,
    /(?:fail(?:ed|ure)|problem|error|trouble|unable|able) (?:to |in |while |with )?(?:attempting to )?deliver(?:y|ing)?/,
    /mail (?:delivery )?(?:failed|failure)|failure notice|fail(?:ed|ure) (?:delivery|(?:mail|address)(?:es)?)/,
    /ha[ds] (?:the following )?(?:permanent fatal|transient|delivery|fatal) (?:fatal |non-fatal )?(?:error|problem)s?/,
    /permanent (?:fatal |delivery )?(?:error|failure)s?|has been delayed|been postponed|will be retried|delayed for/,
    /transcript of (?:the )?session|encountered an error|error sending/,
    /(?:mail|message)s? .{0,80}(?:was|were|has been|have been) (?:rejected|refused|blocked|returned|bounced)/,
    /did not exactly match|incorrectly constructed|malformed address/,
  ]),
  // es: `no pudo ser entregado`, `No hemos podido entregar`, `su correo a Ana fue rechazado`; not `entregado ayer`
  anyOf(String.raw`\b(?:…)`, [
    /no (?:(?:se|le|ha|han|he|hemos|fue|fueron|pud[oe]|pudimos|pudieron|puede|pueden|podido|es|posible|ser|sido|logr[oó]) ){1,5}(?:entreg|env[ií]|lleg|recib|acept|localiz|alcanz|transmit)/,
    /no (?:entregad|se (?:le )?(?:entreg|env[ií]|localiz)|lleg[oó] a)/,
    /(?:error|fallo|falla|problema)s? (?:de|en|al) (?:la )?(?:entreg|env[ií])|fall(?:[oó]|ado) .{0,40}entrega|entrega (?:ha )?fall/,
    /(?:correo|mensaje|e-?mail)s?\b.{0,80}\b(?:devuelto|rechazado|bloqueado|no entregado)/,
    /entrega (?:demorada|retrasada)|notificaci[oó]n de estado de (?:la )?entrega|imposible (?:de )?entregar/,
  ]),
  // pt: `não pôde ser entregue`, `não foi possível entregar`, `falha na entrega`; not `foi entregue`
  anyOf(String.raw`\b(?:…)`, [
    /n[aã]o (?:(?:foi|foram|p[oô]de|pode|puderam|est[aá]|[eé]|se|ser|sido|poss[ií]vel|conseguimos|conseguiu) ){1,5}(?:entreg|envia|alcan|encaminh|aceit)/,
    /n[aã]o (?:entreg|alcan[cç]ou)|falha\b.{0,30}\bentrega|entrega\b.{0,60}\bfalhou/,
    /(?:mensagem|e-?mail)\b.{0,80}\b(?:devolvid|rejeitad|recusad|bloquead)|notifica[cç][aã]o de status de entrega/,
  ]),
  // fr, it: `n'a pas pu être remis`, `mancato recapito`; not `remis hier`
  anyOf('(?:…)', [
    /n['’](?:a|ont) (?:pas )?pu [eê]tre (?:remis|distribu|livr|d[eé]livr|envoy)/,
    /n['’]est pas parvenu/,
    /[eé]chec de (?:la )?(?:remise|distribution|livraison)/,
    /non[- ](?:remis|distribu)/,
    /impossible de (?:remettre|distribuer|livrer)/,
    /la remise .{0,60}a [eé]chou/,
    /non [eè] stat[oa] (?:possibile )?(?:recapita|consegna|inoltra)/,
    /mancat[ao] (?:recapito|consegna)/,
    /impossibile (?:recapitare|consegnare)/,
    /recapito .{0,60}non riuscito|non recapitabile/,
  ]),
  // de, nl: `konnte nicht zugestellt werden`, `Onbestelbaar`; not `wurde zugestellt`
  anyOf('(?:…)', [
    /(?:konnte|kann|wurde)n? (?:.{0,40} )?nicht (?:zugestellt|[uü]bermittelt|ausgeliefert|zustellen)/,
    /unzustellbar|nicht zustellbar/,
    /(?:zustellung|[uü]bermittlung) .{0,60}fehlgeschlagen|fehler bei der (?:nachrichten)?zustellung/,
    /niet (?:worden )?(?:be|af)?(?:geleverd|bezorgd)|onbestelbaar|bezorging .{0,60}mislukt/,
  ]),
  // sv, da, nb, pl, cs, hu, tr, fi: `kunde inte levereras`, `teslim edilemedi`; not `leverans`
  anyOf('(?:…)', [
    /kunde inte (?:levereras|skickas)|olevererbar|leveransfel/,
    /kunne ikke (?:leveres|sendes)|ikke leveret|kan ikke leveres/,
    /nie (?:mo[zż]na|zosta[lł]a?|uda[lł]o si[eę]) (?:by[lł]o )?dostarcz|niedostarcz/,
    /nedoru[cč]|k[eé]zbes[ií]thetetlen|teslim edilemedi|ei voitu toimittaa|toimitus ep[aä]onnistui/,
  ]),
  // ru, uk, el: `не может быть доставлено`; not `доставлено`
  anyOf('(?:…)', [
    /не (?:может быть |было |удалось |удается )?доставлен?/,
    /недоставлен|невозможно доставить|не удалось доставить|не може бути доставлен|не вдалося доставити/,
    /δεν παραδόθηκε|δεν ήταν δυνατή η παράδοση/,
  ]),
  // ja, zh, ko: `送信できませんでした`, `退信`; not `送信しました`
  anyOf('(?:…)', [
    /(?:送信|配信|配送|配達|お届け)(?:する(?:こと)?が?)?でき(?:ません|なかった)/,
    /送信に失敗|配信不能|送信エラー|エラーメール/,
    /退信|退回|无法(?:投递|送达|被?发送|到达)|無法(?:投遞|送達|傳送)|投递失败|送达失败|傳遞失敗/,
    /배달(?:하지 못|되지|할 수 없)|전송 실패|반송/,
  ]),
];

/** Says that the server goes on trying: `has been delayed`, `not yet been delivered`, `entrega demorada`; not `has failed`. */
const DELAY = anyOf('(?:…)', [
  /\b(?:has|have|been|being|is|was) (?:been )?(?:delayed|postponed)/,
  /\bdelivery delay(?:ed)?|\bdelayed \d+ hours|\(delay\)|\bdelay in delivery/,
  /not (?:yet )?been delivered yet|not yet been delivered|will be retried|still trying|will (?:continue|keep) (?:to try|trying)|delivered? .{0,60} yet\b/,
  /warning message only|temporary (?:failure report|(?:problem|error) (?:while |when |in )?deliver)|transient non-fatal errors|could not send message for past/,
  /(?:entrega|env[ií]o|mensaje|correo)\b.{0,60}\b(?:retras|demor|aplaz)|(?:todav[ií]a|a[uú]n) no (?:se |le |ha |han |fue |pudo |puede )|(?:problema|error) tempor[aá](?:l|rio) (?:al|ao|en la|na) entreg/,
  /\b(?:seguir|volver|continuar)[aáe](?:n|mos)? .{0,20}intent/,
  /\b(?:entrega|envio|mensagem)\b.{0,80}\b(?:atrasad|adiad)|ainda n[aã]o (?:foi|p[oô]de)|\b(?:continuar|tentar)(?:[aá]|emos) (?:.{0,20} )?(?:tentando|a tentar|novamente)/,
  /\b(?:remise|livraison|message)\b.{0,80}\b(?:retard|diff[eé]r)[eé]e?(?![a-z])|continuera (?:d['’]essayer|[aà] essayer|ses tentatives)|verz[oö]gert/,
]);

/** Says that the server gave up, which outweighs a word of delay before it: `given up`, `error permanente`; not `giving`, `if it fails permanently`. */
const GIVEN_UP = anyOf(String.raw`\b(?:…)`, [
  /permanent (?:error|failure)\b|failed permanently\b|giving up\b|given up\b|permanent fatal\b/,
  /(?:error|fallo|falla) permanente|fallado de forma permanente|(?:erro|falha) permanente|erreur permanente|d[eé]finitivement|endg[uü]ltig/,
]);

/** Says that it arrived after all: `has now been delivered`, `ya fue entregado`; not `could not be delivered`. */
const DELIVERED = anyOf(String.raw`\b(?<!\bn(?:o|ot|[aã]o) )(?:…)`, [
  /(?:has|have|was|were) (?:now |already |since )?(?:been )?(?:successfully )?delivered|delivered successfully|successful(?:ly)? deliver/,
  /(?:se ha|ha sido|fue|ya se) entregad[oa]|entregad[oa] correctamente|(?:j[aá] )?foi entregue|entregue com sucesso/,
]);

/** The phrase that says that a mail did not arrive, or null. */
export function failurePhraseIn(text: string): string | null {
  const folded = fold(text);
  for (const phrase of FAILURE) {
    const found = phrase.exec(folded);
    if (found) return found[0];
  }
  return null;
}

export function saysDelayed(text: string): boolean {
  const folded = fold(text);
  return DELAY.test(folded) && !GIVEN_UP.test(folded) && !DELIVERED.test(folded);
}

/**
 * Says that a mail waits until its sender proves to be a person: `requires that you verify that you are a real human being`, `add
 * yourself to my Guest List`; not `please verify the address`.
 */
const CHALLENGE = anyOf(String.raw`\b(?:…)\b`, [
  /requires (?:that you |you to )?(?:verify|verification|confirm)/,
  /verify (?:that )?you(?:'re| are)? (?:are )?(?:a )?(?:real|human|person)/,
  /(?:click|reply|follow)[^.]{0,80}(?:to (?:be added|confirm that you|prove|verify yourself|release)|authenticate yourself)/,
  /not (?:pre-?approved|on (?:my|the) (?:list of )?(?:approved|white|guest))/,
  /add yourself to (?:my|the)|has been waitlisted|held until you|not a spam(?:mer| source)|one-time automated/,
  /confirme (?:que es|su condici[oó]n de) (?:una )?(?:persona|humano)/,
  /para (?:comprobar|confirmar|demostrar) que (?:usted )?(?:es|no es) (?:una persona|un robot|humano)/,
]);

/** The phrase of a challenge to the sender (challenge-response), or null. */
export function challengePhraseIn(text: string): string | null {
  return CHALLENGE.exec(fold(text))?.[0] ?? null;
}

function fold(text: string): string {
  return text.toLowerCase().normalize('NFC').replace(/\s+/g, ' ');
}
