import { absenceLead, answerLead, complaintLead, isChallengeSubject, noticeLead } from './automaticSubjects.ts';
import { deliveryReportOf, isForMachines } from './deliveryReport.ts';
import { challengePhraseIn } from './failurePhrases.ts';
import { subjectTells } from './failureSubjects.ts';
import { fieldValues, withoutComments } from './fields.ts';
import { machineWordsIn } from './machineWords.ts';
import type { Address, Automatic, AutomaticKind, DeliveryReport, ParsedMail } from './message.ts';
import { noAnswerWantedIn } from './noAnswerWanted.ts';
import { isReadNotice } from './readNotice.ts';
import { isAboutNoTicket } from './signature.ts';
import { isForwardPrefix, withoutReplyPrefixes } from './subject.ts';

/** What tells our own mail from that of others. */
export interface Ours {
  /** Also for `soporte+x@…` and other capitals. */
  isOurAddress(address: string): boolean;
  /** A signed Message-ID of ours, without angle brackets. */
  isOurMessageId(id: string): boolean;
}

/**
 * One sign in a mail. `kind` answers "did a machine write it, and which sort"; null means that the sign tells nothing about the writer
 * and only forbids an automatic answer, as people's mail carries such signs too.
 */
interface Sign {
  kind: AutomaticKind | null;
  /** True when the subject is all that was looked at. */
  inSubject?: true;
  /** What was seen, for the trace; null when the sign is absent. */
  seen(mail: ParsedMail, ours: Ours, report: DeliveryReport | null): string | null;
}

/** Fields that autoresponders add, none of which is standardized: `x-autoreply`, `x-mail-auto-response`; not `x-auto-response-suppress`. */
const ANSWER_FIELD = /^x-(?:[a-z0-9]{1,20}-){0,4}auto-?(?:reply|respon[ds]|generated)(?!e-suppress)/;
/** Fields against loops: `x-loop`, `x-otrs-loop`; not `x-ms-exchange-inbox-rules-loop`, which a rule adds to a person's mail that it passes on. */
const LOOP_FIELD = /^x-(?!ms-)(?:[a-z0-9]{1,20}-){0,4}loop(?:-|$)/;
/** RFC 2369, RFC 2919, and what list managers wrote before them; List-Unsubscribe is not here, as people's mail carries it too. */
const LIST_FIELDS = [
  ...['list-id', 'list-post', 'list-subscribe', 'list-help'],
  ...['mailing-list', 'x-mailing-list', 'x-beenthere', 'x-ml-name', 'x-mlserver'],
];
/** Fields of programs that report what happened: `x-cron-env`, `x-jenkins-job`; not `x-mailer`. */
const NOTICE_FIELD = /^x-(?:cron-env|jira-fingerprint|(?:github|gitlab|jenkins|bugzilla)-[a-z-]{1,40}|servicenow-generated)$/;

/** The first sign found names the kind; the order is that of what the mail is for. */
const SIGNS: readonly Sign[] = [
  { kind: 'own', seen: ourAddress },
  { kind: 'own', seen: ourMessageId },
  { kind: 'own', seen: answersOurNotice },
  { kind: 'receipt', seen: declaredReport('disposition-notification') },
  { kind: 'receipt', seen: reportPart('disposition-notification') },
  { kind: 'receipt', seen: readNotice },
  { kind: 'notification', seen: declaredReport('feedback-report') },
  { kind: 'notification', seen: reportPart('feedback-report') },
  { kind: 'notification', inSubject: true, seen: leadOf(complaintLead) },
  { kind: 'calendar', seen: calendarAnswer },
  { kind: 'bounce', seen: deliveryReport },
  { kind: 'receipt', seen: declaredReport('delivery-status', isForMachines) },
  { kind: 'vacation', inSubject: true, seen: leadOf(absenceLead) },
  { kind: 'vacation', seen: field('x-vacation', 'x-oof') },
  { kind: 'auto-reply', inSubject: true, seen: leadOf(answerLead) },
  { kind: 'auto-reply', seen: autoSubmitted((word) => word === 'auto-replied') },
  { kind: 'auto-reply', seen: field((name) => ANSWER_FIELD.test(name)) },
  { kind: 'auto-reply', seen: messageClass },
  { kind: 'auto-reply', seen: deliveredToAutoresponder },
  { kind: 'auto-reply', seen: challenge },
  { kind: 'notification', seen: autoSubmitted((word) => word !== 'auto-replied') },
  { kind: 'notification', inSubject: true, seen: leadOf(noticeLead) },
  { kind: 'list', seen: field(...LIST_FIELDS) },
  { kind: 'notification', seen: machineSender },
  { kind: 'notification', seen: field((name) => NOTICE_FIELD.test(name)) },
  { kind: null, seen: precedence },
  { kind: null, seen: field('list-unsubscribe', 'feedback-id') },
  { kind: null, seen: autoResponseSuppress },
  { kind: null, seen: field((name) => LOOP_FIELD.test(name)) },
  { kind: null, seen: wantsNoAnswer },
  { kind: null, seen: writesLikeMachine },
  { kind: null, seen: serverSubject },
  { kind: null, seen: nullReturnPath },
];

/**
 * Did a machine write it, which sort, and what says so; and, apart from that, what forbids an automatic answer.
 * @param report what the mail says about a delivery, when it is known already
 */
export function automaticOf(mail: ParsedMail, ours: Ours, report: DeliveryReport | null = deliveryReportOf(mail)): Automatic {
  const found = SIGNS.flatMap(({ kind, inSubject = false, seen }) => {
    const what = seen(mail, ours, report);
    return what === null ? [] : [{ kind, inSubject, what }];
  });
  return {
    kind: found.find(({ kind }) => kind !== null)?.kind ?? null,
    evidence: found.filter(({ kind }) => kind !== null).map(({ what }) => what),
    bySubjectOnly: found.length > 0 && found.every(({ inSubject }) => inSubject),
    suppress: found.filter(({ kind }) => kind === null).map(({ what }) => what),
  };
}

/** Does an abuse desk report (RFC 5965) that somebody took a mail of ours for spam? Whoever runs the mailbox should know: such reports cost a sender its good name. */
export function isComplaint(mail: ParsedMail): boolean {
  return (declaredReport('feedback-report')(mail) ?? reportPart('feedback-report')(mail)) !== null;
}

/**
 * Whoever wants the answers to a mail with our address in From that nothing else shows to be ours: web forms write so, in the name of the mailbox that
 * they write to, and so do groups that must not pass on the author's address (DMARC). Null when there is nobody but ourselves and machines.
 */
export function borrowerOfOurAddress(mail: ParsedMail, ours: Ours): Address | null {
  if (ourAddress(mail, ours) === null) return null;
  const report = deliveryReportOf(mail);
  const isMachines = ({ kind, seen }: Sign) => kind !== null && kind !== 'list' && seen !== ourAddress && seen(mail, ours, report) !== null;
  if (SIGNS.some(isMachines)) return null;
  return mail.replyTo.find(({ address }) => !ours.isOurAddress(address) && !isMachine(address)) ?? null;
}

/** A mail that a person let in, in the name of whoever borrowed our address for it. */
export function inBorrowersName(mail: ParsedMail, ours: Ours): ParsedMail {
  const borrower = borrowerOfOurAddress(mail, ours);
  return borrower === null ? mail : { ...mail, from: borrower, fromField: 'reply-to' };
}

function ourAddress(mail: ParsedMail, ours: Ours): string | null {
  return ours.isOurAddress(mail.from.address) ? `From: ${mail.from.address} es nuestra dirección` : null;
}

function ourMessageId(mail: ParsedMail, ours: Ours): string | null {
  return mail.messageId !== null && ours.isOurMessageId(mail.messageId) ? `Message-ID: <${mail.messageId}> es nuestro` : null;
}

/** What a person or a machine answers to a mail that we wrote to our own staff is no client's matter. */
function answersOurNotice(mail: ParsedMail, ours: Ours): string | null {
  const notice = mail.inReplyTo.find((id) => isAboutNoTicket(id) && ours.isOurMessageId(id));
  return notice === undefined ? null : `In-Reply-To: <${notice}> es un aviso nuestro al equipo`;
}

/** The first of these fields that is there and does not say no. */
function field(...names: (string | ((name: string) => boolean))[]): Sign['seen'] {
  const isMeant = (name: string): boolean => names.some((one) => (typeof one === 'string' ? one === name : one(name)));
  return (mail) => {
    const found = mail.headers.find(({ name, value }) => isMeant(name) && !/^(?:no|false|0|none)?$/i.test(withoutComments(value)));
    return found ? shown(found.name, found.value) : null;
  };
}

/** `x-loop: soporte@otro.co`, cut to what a trace can show. */
function shown(name: string, value: string): string {
  return `${name}: ${value.trim().slice(0, 80)}`;
}

/** A report (RFC 6522) of that sort, and not one that a person passes on. */
function declaredReport(sort: string, isTheirs: (mail: ParsedMail) => boolean = () => true): (mail: ParsedMail) => string | null {
  return (mail) => {
    const { type, params } = mail.contentType;
    return type === 'multipart/report' && params['report-type']?.toLowerCase() === sort && isTheirs(mail) ? `informe de ${sort}` : null;
  };
}

/** The part that only such a report has, where the report is not declared as one. */
function reportPart(sort: string): (mail: ParsedMail) => string | null {
  return ({ reports }) => (reports.some((part) => part.contentType === `message/${sort}`) ? `parte de un informe ${sort}` : null);
}

function deliveryReport(_mail: ParsedMail, _ours: Ours, report: DeliveryReport | null): string | null {
  return report ? 'dice que un correo no se entregó' : null;
}

function readNotice(mail: ParsedMail): string | null {
  return isReadNotice(mail) ? 'el texto es un aviso de lectura' : null;
}

/** What those who were invited answer with (RFC 5546 1.4); whoever invites sends REQUEST, ADD or CANCEL. */
const CALENDAR_ANSWERS: readonly string[] = ['REPLY', 'COUNTER', 'REFRESH'];

function calendarAnswer({ reports }: ParsedMail): string | null {
  for (const { contentType, params, text } of reports) {
    const method =
      contentType === 'text/calendar' ? (params['method'] ?? /^METHOD:(\w{1,20})/im.exec(text)?.[1])?.toUpperCase() : undefined;
    if (method !== undefined && CALENDAR_ANSWERS.includes(method)) return `text/calendar; method=${method}`;
  }
  return null;
}

/** The phrase must lead the subject after prefixes: people write about automatic answers too, and pass them on. */
function leadOf(lead: (subject: string) => string | null): Sign['seen'] {
  return (mail) => {
    const { subject, prefixes } = withoutReplyPrefixes(mail.subject.slice(0, 400));
    const found = prefixes.some(isForwardPrefix) ? null : lead(subject);
    return found === null ? null : `el asunto comienza con "${found}"`;
  };
}

/** RFC 3834 5: the first word counts, without comments and parameters; `no` is a person. */
function autoSubmitted(isMeant: (word: string) => boolean): Sign['seen'] {
  return (mail) => {
    const found = fieldValues(mail, 'auto-submitted').find((value) => {
      const word = /^[^\s;]+/.exec(withoutComments(value))?.[0].toLowerCase();
      return word !== undefined && word !== 'no' && isMeant(word);
    });
    return found === undefined ? null : shown('Auto-Submitted', found);
  };
}

/** `X-POST-MessageClass: 9; Autoresponder` (FirstClass). */
function messageClass(mail: ParsedMail): string | null {
  const found = fieldValues(mail, 'x-post-messageclass').find((value) => /autoresponder/i.test(value));
  return found === undefined ? null : shown('X-POST-MessageClass', found);
}

/** `Delivered-To: Autoresponder`, by which those of qmail know their own answers. */
function deliveredToAutoresponder(mail: ParsedMail): string | null {
  const found = fieldValues(mail, 'delivered-to').find((value) => /^autoresponder\b/i.test(value)); // not 'autoresponder@x.co'
  return found === undefined || found.includes('@') ? null : shown('Delivered-To', found);
}

/**
 * A filter that lets the mail through when its sender proves to be a person; people who write about such filters do not write like this
 * under such a subject.
 */
function challenge(mail: ParsedMail): string | null {
  if (mail.returnPath !== '' && machineSender(mail) === null && !isChallengeSubject(mail.subject)) return null;
  const phrase = challengePhraseIn(mail.text.slice(0, 4000));
  return phrase === null ? null : `pide "${phrase}"`;
}

/**
 * Local parts that no person writes from, separators left out: `mailer-daemon`, `No_Reply`, `notificaciones`; not
 * `notificacion.judicial`.
 */
const MACHINES = new Set(
  `mailerdaemon postmaster noreply donotreply noresponder noresponda nocontestar noconteste naoresponda naoresponder notificaciones notificacoes
  notification notifications alerta alertas alert alerts bounce bounces autoreply autoresponder newsletter boletin nagios zabbix icinga prtg veeam cron
  crondaemon root wwwdata cpanel wordpress majordomo listserv logwatch jenkins asterisk scanner escaner fax`.split(/\s+/),
);
/** The same as a word of a longer local part: `ventas-noreply`, `no-reply.portal`; not `noreplyton`. */
const NO_REPLY =
  /(?:^|[._+-])(?:no[._-]?reply|do[._-]?not[._-]?reply|no[._-]?responder?|no[._-]?responda|no[._-]?contest(?:ar|e)|n[aã]o[._-]?respond(?:a|er))(?:$|[._+-])/;

function machineSender(mail: ParsedMail): string | null {
  return isMachine(mail.from.address) ? `From: ${mail.from.address}` : null;
}

function isMachine(address: string): boolean {
  const local = address.split('@')[0]!.toLowerCase();
  return MACHINES.has(local.split('+')[0]!.replace(/[._-]/g, '')) || NO_REPLY.test(local);
}

/** cPanel's autoresponder writes `X-Precedence`, others `Preference`. */
const PRECEDENCES = new Set(['precedence', 'x-precedence', 'preference']);

function precedence(mail: ParsedMail): string | null {
  const found = mail.headers.find(
    ({ name, value }) => PRECEDENCES.has(name) && /^(?:bulk|junk|list|auto[_-]reply)$/i.test(withoutComments(value)),
  );
  return found ? shown(found.name, found.value) : null;
}

/**
 * A list of values (MS-OXCMAIL 2.2.3.2.14): `All`, `AutoReply` and `OOF` speak of answers by machines, `DR`, `NDR`, `RN` and `NRN` of
 * receipts only.
 */
function autoResponseSuppress(mail: ParsedMail): string | null {
  const found = fieldValues(mail, 'x-auto-response-suppress').find((value) =>
    value.split(/[,;\s]/).some((word) => ['all', 'autoreply', 'oof'].includes(word.toLowerCase())),
  );
  return found === undefined ? null : shown('X-Auto-Response-Suppress', found);
}

function wantsNoAnswer(mail: ParsedMail): string | null {
  const words = noAnswerWantedIn(mail);
  return words === null ? null : `el texto dice "${words}"`;
}

function writesLikeMachine(mail: ParsedMail): string | null {
  const words = machineWordsIn(mail);
  return words === null ? null : `el texto dice "${words}"`;
}

/** The subject of a mail server on a mail that is no report we can read; a reply to one or a forward of one is a person's. */
function serverSubject(mail: ParsedMail): string | null {
  return subjectTells(mail.subject) === 'surely' ? 'asunto de un informe de entrega' : null;
}

/** No mail may be sent there (RFC 3834 2), though a server of ours that passes mail on may have put it on a person's (RFC 5321 4.5.5). */
function nullReturnPath(mail: ParsedMail): string | null {
  return mail.returnPath === '' ? 'Return-Path: <>' : null;
}
