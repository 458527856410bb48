import { anyOf } from './anyOf.ts';

/**
 * How mail servers say that a mail did not arrive, by language, in lower case. Each phrase is enough by itself in the mouth of a mail
 * server; people use them too, so that they prove nothing about a mail whose sender is a person. Bounded repeats only.
 */
const FAILURE: readonly RegExp[] = [
  // `could not be delivered`, `Undelivered Mail`, `Delivery has failed`, `550 User unknown`; not `delivered yesterday`
  anyOf(String.raw`\b(?:…)\b`, [
    /(?:could|can|was|were|is|has|have|did|does)(?: ?n[o']t|not)(?: yet)?(?: been| be)?(?: able to be)? (?:delivered|reach|sent|accepted|processed)/,
    /not (?:yet )?(?:been )?delivered/,
    /undeliver(?:able|ed)/,
    /non-?deliver(?:y|able|ed)/,
    /del[ie]very (?:to .{1,80} )?(?:has |was |of .{1,60} )?(?:been )?(?:fail(?:ed|ure)|problem|error|aborted|delayed|postponed|suspended)/,
    /delivery (?:status notification|attempts? failed)/,
    /(?:fail(?:ed|ure)|problem|error|trouble|unable|(?:not|n't) able) (?:to |in |while |with )?(?:attempting to )?deliver(?:y|ing)?/,
    /mail (?:delivery )?(?:failed|failure)/,
    /failure notice/,
    /fail(?:ed|ure) delivery/,
    /failed (?:to (?:deliver|send)|address(?:es)?)/,
    /returned (?:mail|to sender|message)/,
    /return(?:ed|ing) (?:your )?(?:mail|message)/,
    /ha[ds] (?:the following )?(?:permanent fatal|transient|delivery|fatal) (?:fatal |non-fatal )?(?:error|problem)s?/,
    /permanent (?:fatal |delivery )?(?:error|failure)s?/,
    /has been delayed|been postponed|will be retried|delayed for/,
    /transcript of (?:the )?session/,
    /encountered an error|error sending/,
    /user unknown|unknown (?:user|recipient|address|mailbox)/,
    /no such (?:user|recipient|mailbox|address)|not a valid user|no valid recipients?/,
    /mail ?box (?:is )?(?:full|unavailable)/,
    /over (?:disk )?quota|quota (?:is )?(?:usage )?exceed/,
    /exceed(?:s|ed|ing)[^.]{0,40}(?:quota|allowed size)/,
    /address(?:es)? (?:is )?(?:rejected|wrong|no longer valid)/,
    /rejected (?:by|recipient|the|due)|was rejected|blocked by/,
    /did not exactly match|incorrectly constructed|malformed address/,
  ]),
  // es: `no pudo ser entregado`, `No se ha podido entregar`, `correo devuelto`; not `entregado ayer`
  anyOf(String.raw`\b(?:…)`, [
    /no (?:se )?(?:ha |han |fue |pudo |pudieron |puede |pueden )(?:posible |podido |ser |sido ){0,3}(?:entrega(?:r|d[oa]s?)|envia(?:r|do))/,
    /no (?:se )?(?:entreg[oó]|entregad[oa])/,
    /(?:error|fallo|falla|problema)s? (?:de|en|al) (?:la )?(?:entreg|env[ií])/,
    /(?:correo|mensaje)s? (?:devuelto|rechazado|no entregado)/,
    /entrega (?:fallida|demorada|retrasada|ha fallado)/,
    /notificaci[oó]n de estado de (?:la )?entrega/,
    /imposible (?:de )?entregar/,
  ]),
  // pt: `não pôde ser entregue`, `falha na entrega`; not `foi entregue`
  anyOf(String.raw`\b(?:…)`, [
    /n[aã]o (?:p[oô]de|pode|foi|foram|est[aá]) (?:ser |poss[ií]vel )?(?:entreg|envia)/,
    /n[aã]o entregue/,
    /falha (?:na|de) entrega/,
    /a entrega .{0,60}falhou/,
    /mensagem devolvida/,
    /notifica[cç][aã]o de status de entrega/,
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
    /zustellung .{0,60}fehlgeschlagen|fehler bei der (?:nachrichten)?zustellung/,
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
  /\b(?:has|have|been|is|was) (?:been )?(?:delayed|postponed)/,
  /\bdelivery delay(?:ed)?|\bdelayed \d+ hours|\(delay\)/,
  /not yet been delivered|will be retried|still trying|will (?:continue|keep) (?:to try|trying)/,
  /warning message only|temporary failure report|transient non-fatal errors|could not send message for past/,
  /entrega (?:demorada|retrasada)|se (?:ha )?retrasad|foi adiada|verz[oö]gert|a [eé]t[eé] (?:retard|diff[eé]r)/,
]);

/** Says that the server gave up, which outweighs a word of delay before it: `given up`; not `giving`. */
const GIVEN_UP = /\b(?:permanent (?:error|failure)|failed permanently|giving up|given up|permanent fatal)\b/;

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
  return DELAY.test(folded) && !GIVEN_UP.test(folded);
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
