import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Templates } from './desk/acknowledgement.ts';
import { type Case, decide } from './desk/decide.ts';
import type { BusinessHours } from './desk/hours.ts';
import { keysOf } from './desk/match.ts';
import { type ArrivalFacts, planEffect, quarantineEffect } from './desk/plan.ts';
import { type Identity, isOurAddress, type Policy } from './desk/policy.ts';
import type { Release } from './desk/quarantine.ts';
import { readingSteps } from './desk/readingSteps.ts';
import type { Classification, Decision, Effect, Known, Receipt, Step } from './desk/ticket.ts';
import { AppError, faultOf, reasonOf } from './errors.ts';
import { authenticationOf } from './mail/authentication.ts';
import { automaticOf, inBorrowersName, type Ours } from './mail/automatic.ts';
import { deliveryReportOf } from './mail/deliveryReport.ts';
import type { Authentication, Automatic, DeliveryReport, ParsedMail, ParseResult, RawMessage, TicketToken } from './mail/message.ts';
import { ticketOfMessageId } from './mail/signature.ts';
import { tokensIn } from './mail/subject.ts';
import { reached } from './milestones.ts';
import type { Store, StoreTransaction } from './ports.ts';

/** A batch lets connections and timers have their turn after so long; the database answers at once, so that nothing else would. */
const LONGEST_TURN_MS = 20;

/** What the path of a mail works with; `app.ts` puts it together. */
export interface Desk {
  store: Store;
  /** Reads the kept bytes, in a thread of its own and within limits. Never rejects for what a mail holds. */
  parse(input: { path: string } | { bytes: Buffer }): Promise<ParseResult>;
  classify(mail: ParsedMail): Classification;
  identity: Identity;
  policy: Policy;
  templates: Templates;
  hours: BusinessHours;
  now(): Date;
}

/** A message whose bytes are safe. */
export interface Kept extends ArrivalFacts {
  path: string;
  headerOnly: boolean;
}

/** A message whose bytes are safe and read. */
export interface Arrival extends Kept {
  parsed: ParseResult;
}

/** Everything that was found out about one mail; `explain` prints it. */
export interface Trace {
  arrival: Arrival;
  /** Null when the mail could not be read. */
  found: Found | null;
  decision: Decision;
  steps: Step[];
  effect: Effect;
  /** Kind and place of a fault of ours that this mail brought out. */
  fault: string | null;
}

export interface Found {
  mail: ParsedMail;
  automatic: Automatic;
  report: DeliveryReport | null;
  authentication: Authentication;
  tokens: TicketToken[];
  known: Known;
}

export interface Ingested {
  trace: Trace;
  receipt: Receipt;
}

/** 1. Keep the bytes before anything is believed about them. Repeatable. */
export async function keep(raw: RawMessage, desk: Desk): Promise<Kept> {
  const { rawId, size, path } = await desk.store.keep(raw.chunks);
  return { ref: raw.ref, receivedAt: raw.receivedAt, rawId, size: raw.headerOnly ? raw.size : size, path, headerOnly: raw.headerOnly };
}

/** 2. Read them. May run ahead, several at a time. Repeatable. */
export async function read(kept: Kept, desk: Desk): Promise<Arrival> {
  if (kept.headerOnly) return { ...kept, parsed: { ok: false, cause: 'too-large', because: `${kept.size} octetos pasan del límite` } };
  const parsed = await desk.parse({ path: kept.path });
  reached('message.read');
  return { ...kept, parsed };
}

/** 3. Understand. Writes nothing; `explain` prints what it returns. `released`: a person let it out of quarantine. */
export async function examine(
  arrival: Arrival,
  look: Pick<StoreTransaction, 'lookUp'>,
  desk: Desk,
  released: Release | null = null,
): Promise<Trace> {
  const { parsed } = arrival;
  if (!parsed.ok) return unreadable(arrival, parsed.cause, parsed.because);

  const { identity, policy } = desk;
  const ours = ownSigns(identity);
  const mail = released ? inBorrowersName(parsed.mail, ours) : parsed.mail;
  const report = deliveryReportOf(mail); //                                              mail/deliveryReport.ts  does it say that a mail failed?
  const automatic = automaticOf(mail, ours, report); //                                  mail/automatic.ts       did a machine write it?
  const authentication = authenticationOf(mail, policy); //                              mail/authentication.ts  does our server vouch for the sender?
  const tokens = tokensIn(mail.subject, identity.tokens); //                             mail/subject.ts         which tickets does the subject name?
  const known = await look.lookUp(keysOf(mail, tokens.tokens, report, arrival.receivedAt, identity)); // ports.ts  what do we hold about it?

  const question: Case = {
    mail,
    automatic,
    ours,
    report,
    authentication,
    tokens,
    known,
    policy,
    released,
    classify: desk.classify,
    receivedAt: arrival.receivedAt,
    now: desk.now(),
  };
  const { decision, steps: asked } = decide(question); //                                desk/decide.ts          what should happen, and why
  const steps = [...readingSteps(mail), ...asked];
  const effect = await planEffect({
    //                                                                                   desk/plan.ts            rows to write, replies to queue
    arrival: { ref: arrival.ref, rawId: arrival.rawId, size: arrival.size, receivedAt: arrival.receivedAt },
    decision,
    steps,
    mail,
    known,
    identity,
    templates: desk.templates,
    hours: desk.hours,
    replyMaxAgeHours: policy.answerMaxAgeHours,
    now: desk.now(),
  });
  return {
    arrival,
    found: { mail, automatic, report, authentication, tokens: tokens.tokens, known },
    decision,
    steps,
    effect,
    fault: null,
  };
}

/**
 * 4. Understand and apply, in order, in one transaction: each mail sees what the ones before it changed, and one commit makes all of them durable.
 * Safe to repeat: everything or nothing is committed, and a mail already ingested is a duplicate.
 * @throws AppError when the world fails (database, disk). A strange mail never throws: it is quarantined and the others go on.
 */
export function ingest(arrivals: readonly Arrival[], desk: Desk): Promise<Ingested[]> {
  return desk.store.transaction(async (tx) => {
    const done: Ingested[] = [];
    for (let since = performance.now(); done.length < arrivals.length; ) {
      done.push(await ingestOne(arrivals[done.length]!, tx, desk));
      if (performance.now() - since < LONGEST_TURN_MS) continue;
      await othersTurn();
      since = performance.now();
    }
    return done;
  });
}

async function ingestOne(arrival: Arrival, tx: StoreTransaction, desk: Desk): Promise<Ingested> {
  try {
    const trace = await examine(arrival, tx, desk);
    reached('message.examined');
    const receipt = await tx.apply(trace.effect);
    reached('message.applied');
    return { trace, receipt };
  } catch (error) {
    if (error instanceof AppError) throw error;
    // A fault of ours that this mail brings out. It is kept for a person, and the next mail gets its turn.
    const trace = { ...unreadable(arrival, 'decision-failed', reasonOf(error)), fault: faultOf(error) };
    return { trace, receipt: await tx.apply(trace.effect) };
  }
}

function unreadable(arrival: Arrival, cause: Extract<Decision, { action: 'quarantine' }>['cause'], because: string): Trace {
  const steps: Step[] = [{ rule: cause === 'decision-failed' ? 'decisionFailed' : 'unreadable', result: 'quarantine', because }];
  const { ref, rawId, size, receivedAt } = arrival;
  return {
    arrival,
    found: null,
    decision: { action: 'quarantine', cause },
    steps,
    effect: quarantineEffect({ ref, rawId, size, receivedAt }, cause, steps),
    fault: null,
  };
}

function ownSigns(identity: Identity): Ours {
  return {
    isOurAddress: (address) => isOurAddress(address, identity),
    isOurMessageId: (id) => ticketOfMessageId(identity.secret, id, identity.domain) !== null,
  };
}
