import { join } from 'node:path';
import { emptyStore } from './adapters/emptyStore.ts';
import { createFileTransport } from './adapters/fileTransport.ts';
import { createImapSource } from './adapters/imapSource.ts';
import { modelInForce, saveLearned, shippedId } from './adapters/learnedModel.ts';
import { createMaildirSource } from './adapters/maildirSource.ts';
import { createParser } from './adapters/parserThread.ts';
import { existingSecret, secretIn } from './adapters/secretFile.ts';
import { createSmtpTransport } from './adapters/smtpTransport.ts';
import { databaseExists } from './adapters/sqliteDatabase.ts';
import { openReports as openSqliteReports } from './adapters/sqliteReports.ts';
import { openSqliteStore } from './adapters/sqliteStore.ts';
import { loadTemplates } from './adapters/templateFiles.ts';
import { trainInThread } from './adapters/trainerThread.ts';
import { lockWorker } from './adapters/workerLock.ts';
import type { Config } from './config.ts';
import { classify } from './desk/classify.ts';
import { domainOf } from './desk/gate.ts';
import type { Model } from './desk/linearModel.ts';
import type { Identity, Policy } from './desk/policy.ts';
import { createLearning, type Learning } from './duties/learning.ts';
import type { Desk } from './ingest.ts';
import type { Log } from './log.ts';
import { PARSE_LIMITS } from './mail/limits.ts';
import type { ParseResult } from './mail/message.ts';
import type { MailSource, MailTransport, ProbeLine, Store, StoreTransaction, Training } from './ports.ts';
import type { Reports } from './reports.ts';
import type { Worker } from './worker.ts';

/** Heap of the parser thread; the bytes of mails are outside of it. */
const PARSER_MEMORY_MB = 160;
/** Mail that lay in the mailbox longer than this before the very first start is only recorded. */
const DEFAULT_SINCE_DAYS = 7;
const DAY_MS = 86_400_000;

export interface App extends AsyncDisposable {
  worker: Worker;
  desk: Desk;
  source: MailSource;
  transport: MailTransport;
  store: Store;
  learning: Learning;
}

/** Builds everything from the settings. What was opened before a failure is closed again. @throws AppError */
export async function openApp(config: Config, log: Log, now: () => Date = () => new Date()): Promise<App> {
  await using opened = new AsyncDisposableStack();
  const keep = <T extends { close(): Promise<void> }>(door: T): T => opened.adopt(door, (each) => each.close());

  keep(lockWorker(config.dataFolder)); // before the schema may change under another worker
  const secret = config.secret ?? secretIn(config.dataFolder);
  const store = keep(await openSqliteStore({ folder: config.dataFolder, now }));
  if (store.migrated.length > 0) log.info('schema.migrated', { migrations: [...store.migrated] });
  const parse = keep(parserOf(config, join(config.dataFolder, 'attachments')));
  const transport = keep(transportOf(config, log));
  const source = keep(sourceOf(config, log));

  const { model, learning } = await learnerOf(config, store, log, now);
  keep(learning);
  const desk = deskOf(config, { secret, store, parse: (input) => parse.parse(input), now, model });
  const proposed =
    config.file.mailbox.since === null ? new Date(now().getTime() - DEFAULT_SINCE_DAYS * DAY_MS) : new Date(config.file.mailbox.since);
  await store.requeue();
  const worker: Worker = { desk, source, transport, log, unrecorded: [], since: await store.since(proposed) };
  const owned = opened.move();
  return { worker, desk, source, transport, store, learning, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What `explain` needs: a desk that changes nothing, with an empty store or, for reading only, the real one. */
export async function openExplainDesk(
  config: Config,
  { withStore }: { withStore: boolean },
): Promise<{ desk: Desk; look: Pick<StoreTransaction, 'lookUp'>; close(): Promise<void> }> {
  const now = () => new Date();
  const store = withStore ? await openSqliteStore({ folder: config.dataFolder, now, readOnly: true }) : await emptyStore();
  const parser = parserOf(config, null);
  const desk = deskOf(config, {
    secret: config.secret ?? existingSecret(config.dataFolder) ?? '',
    store,
    parse: (input) => parser.parse(input),
    now,
    model: await fixedModel(config, store),
  });
  return {
    desk,
    look: { lookUp: (keys) => store.transaction((tx) => tx.lookUp(keys)) },
    close: async () => {
      await parser.close();
      await store.close();
    },
  };
}

export interface StaffApp extends AsyncDisposable {
  desk: Desk;
}

/**
 * What staff change by hand, while the worker runs or not: the store there is and the parser, no mailbox, no transport.
 * @throws AppError when there is no database of this version
 */
export async function openStaffApp(config: Config): Promise<StaffApp> {
  openReports(config).close();
  await using opened = new AsyncDisposableStack();
  const now = () => new Date();
  const store = opened.adopt(await openSqliteStore({ folder: config.dataFolder, now, patient: true }), (each) => each.close());
  const parser = opened.adopt(parserOf(config, join(config.dataFolder, 'attachments')), (each) => each.close());
  const secret = config.secret ?? secretIn(config.dataFolder);
  const model = await fixedModel(config, store);
  const desk = deskOf(config, { secret, store, parse: (input) => parser.parse(input), now, model });
  const owned = opened.move();
  return { desk, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Reads one kept message as the worker would, and leaves nothing behind. */
export async function readMessage(config: Config, path: string): Promise<ParseResult> {
  const parser = parserOf(config, null);
  try {
    return await parser.parse({ path });
  } finally {
    await parser.close();
  }
}

/** What commands print: reads while the worker writes, changes nothing. @throws AppError when there is no database of this version */
export function openReports({ dataFolder }: Config): Reports {
  return openSqliteReports(dataFolder);
}

/** Brings the database up to date. @returns the names of the migrations that were applied */
export async function migrateStore({ dataFolder }: Config): Promise<readonly string[]> {
  const store = await openSqliteStore({ folder: dataFolder, now: () => new Date() });
  await store.close();
  return store.migrated;
}

/** For `doctor`: the store as it is, or that there is none yet. Changes nothing. @throws AppError when it cannot be used */
export function checkStore(config: Config): ProbeLine[] {
  if (!databaseExists(config.dataFolder)) return [{ ok: true, what: 'base de datos: todavía no existe, se creará al iniciar' }];
  const reports = openReports(config);
  try {
    const { tickets, quarantined, outbox } = reports.summary();
    const what = `base de datos: ${tickets.open + tickets.closed} tickets, ${quarantined} mensajes en cuarentena, ${outbox.queued ?? 0} respuestas pendientes`;
    return [{ ok: true, what }];
  } finally {
    reports.close();
  }
}

/** For `doctor`: wordings and classifier. @throws AppError that names the file at fault */
export function checkTexts({ file: { answer } }: Config): ProbeLine[] {
  templatesOf(answer.templates);
  modelInForce('', null);
  return [{ ok: true, what: 'plantillas y clasificador: completos' }];
}

/** For `doctor`: which model is in force and what became of the last training. @throws AppError when the database cannot be read */
export function checkLearning(config: Config): ProbeLine[] {
  if (!databaseExists(config.dataFolder)) return [];
  const reports = openReports(config);
  try {
    const { corrections, newest, last, accepted } = reports.learning();
    if (newest === null) return [{ ok: true, what: 'aprendizaje: sin correcciones; clasifica el modelo que trae Buzón' }];
    const { id, problem } = modelInForce(config.dataFolder, accepted);
    if (problem !== null)
      return [
        {
          ok: false,
          what: `aprendizaje: ${problem}; clasifica el modelo que trae Buzón`,
          remedy: 'inicie el servicio: lo vuelve a entrenar solo',
        },
      ];
    const used =
      accepted?.modelId === id ? `clasifica un modelo con ${accepted.corrections} de ellas` : 'clasifica el modelo que trae Buzón';
    const refused =
      last?.accepted === false
        ? `; el último entrenamiento se rechazó: acertó ${last.right} de los ${last.judged} correos de control, y el que trae Buzón ${last.baseRight}`
        : '';
    return [{ ok: true, what: `aprendizaje: correcciones: ${corrections}; ${used}${refused}` }];
  } finally {
    reports.close();
  }
}

function templatesOf(folder: string | null) {
  return folder === null ? loadTemplates() : loadTemplates(folder);
}

export function identityOf(config: Config, secret: string): Identity {
  const { tickets, answer, mailbox } = config.file;
  return {
    address: config.address,
    name: answer.fromName,
    domain: config.address.slice(config.address.lastIndexOf('@') + 1),
    secret,
    tokens: { prefix: tickets.prefix, secret, legacyPatterns: tickets.legacyPatterns },
    ownAddresses: mailbox.ownAddresses,
    platformUrl: config.platformUrl,
    bounceAddress: answer.bounceAddress,
  };
}

/** The model that the database says is in force, for as long as a command runs. */
async function fixedModel({ dataFolder }: Config, store: Store): Promise<() => Model> {
  const { model } = modelInForce(dataFolder, (await store.learning.state()).accepted);
  return () => model;
}

/** The worker's model, which changes while it runs, and the duty that changes it. */
async function learnerOf({ dataFolder }: Config, store: Store, log: Log, now: () => Date) {
  let wanted: string | null = null;
  let current = modelInForce(dataFolder, null);
  const use = (accepted: Training | null): boolean => {
    const id = accepted?.modelId ?? null;
    if (id === wanted && current.problem === null) return true;
    wanted = id;
    current = modelInForce(dataFolder, accepted);
    if (current.problem !== null) log.warn('model.fallback', { reason: current.problem });
    return current.problem === null;
  };
  use((await store.learning.state()).accepted);
  const learning = createLearning({
    store: store.learning,
    baseId: shippedId(),
    log,
    now,
    use,
    async train(corrections, signal) {
      const { bytes, ...counts } = await trainInThread(corrections, signal);
      return { modelId: await saveLearned(dataFolder, bytes), ...counts };
    },
  });
  return { model: () => current.model, learning };
}

interface DeskParts {
  secret: string;
  store: Store;
  parse: Desk['parse'];
  now: () => Date;
  /** The classifier's model at this moment. */
  model: () => Model;
}

function deskOf(config: Config, parts: DeskParts): Desk {
  const { tickets, answer, gate, limits, classification, hours } = config.file;
  const policy: Policy = {
    reopenDays: tickets.reopenDays,
    thanksKeepClosed: tickets.thanksKeepClosed,
    answerMaxAgeHours: answer.maxAgeHours,
    limits,
    unauthenticated: gate.unauthenticated,
    staffDomain: domainOf(config.address),
    authservId: gate.authservId,
    reviewBelow: classification.reviewBelow,
  };
  const { reviewBelow, sureFrom } = classification;
  return {
    store: parts.store,
    parse: parts.parse,
    classify: ({ subject, newText, signature }) => classify({ subject, newText, signature }, parts.model(), { reviewBelow, sureFrom }),
    identity: identityOf(config, parts.secret),
    policy,
    templates: templatesOf(answer.templates),
    hours,
    now: parts.now,
  };
}

function parserOf({ file: { limits } }: Config, attachmentsFolder: string | null) {
  return createParser({
    limits: { ...PARSE_LIMITS, maxBytes: limits.maxMessageBytes },
    timeoutMs: limits.parseTimeoutSeconds * 1000,
    maxMemoryMb: PARSER_MEMORY_MB,
    attachmentsFolder,
  });
}

export function sourceOf(config: Config, log: Log): MailSource {
  const { mailbox, file } = config;
  if (mailbox.kind === 'maildir') return createMaildirSource({ ...mailbox, maxBytes: file.limits.maxMessageBytes }, log);
  return createImapSource(
    {
      host: mailbox.host,
      port: mailbox.port,
      secure: mailbox.secure,
      ...tlsOf(config),
      user: mailbox.user,
      auth: { password: mailbox.password },
      mailbox: mailbox.mailbox,
      doneFolder: mailbox.doneFolder,
      quarantineFolder: mailbox.quarantineFolder,
      maxBytes: file.limits.maxMessageBytes,
    },
    log,
  );
}

export function transportOf(config: Config, log: Log): MailTransport {
  const { transport, file } = config;
  if (transport.kind === 'file') return createFileTransport({ folder: transport.folder });
  return createSmtpTransport(
    {
      host: transport.host,
      port: transport.port,
      secure: transport.secure,
      ...tlsOf(config),
      auth: transport.user === null ? null : { user: transport.user, password: transport.password ?? '' },
      maxConnections: file.transport.connections,
    },
    log,
  );
}

function tlsOf({ file, ca }: Config): { tlsRejectUnauthorized: boolean; allowInsecure: boolean; ca?: string } {
  return { tlsRejectUnauthorized: file.tls.verify, allowInsecure: file.tls.allowPlaintext, ...(ca === null ? {} : { ca }) };
}
