import { dirname, join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { type BackupOptions, writeBackup } from './adapters/backup.ts';
import { readingFile, writeNewFile } from './adapters/backupFile.ts';
import { emptyStore } from './adapters/emptyStore.ts';
import { createFileTransport } from './adapters/fileTransport.ts';
import { createImapSource } from './adapters/imapSource.ts';
import { type KeyState, keyInForce, keyState, rememberKey, requireKey } from './adapters/keyGuard.ts';
import { modelInForce, saveLearned, shippedId } from './adapters/learnedModel.ts';
import { createMaildirSource } from './adapters/maildirSource.ts';
import { type AccessTokens, createAccessTokens } from './adapters/oauthToken.ts';
import { createParser } from './adapters/parserThread.ts';
import { createQuietTransport } from './adapters/quietTransport.ts';
import { refreshTokensIn } from './adapters/refreshTokenFile.ts';
import { type RestoreOptions, restoreBackup } from './adapters/restore.ts';
import { existingSecret, secretIn } from './adapters/secretFile.ts';
import { createSmtpTransport, type SmtpOptions } from './adapters/smtpTransport.ts';
import { damageRemedy, databaseExists, explaining, openDatabaseReadOnly } from './adapters/sqliteDatabase.ts';
import { faultsIn } from './adapters/sqliteIntegrity.ts';
import { openReports as openSqliteReports } from './adapters/sqliteReports.ts';
import { openSqliteStore } from './adapters/sqliteStore.ts';
import { loadTemplates } from './adapters/templateFiles.ts';
import { trainInThread } from './adapters/trainerThread.ts';
import { lockWorker, waitForLock } from './adapters/workerLock.ts';
import type { Config, SmtpTransport as SmtpTransportSettings } from './config.ts';
import { nothingOutgoing } from './deliver.ts';
import { classify } from './desk/classify.ts';
import { counted } from './desk/counted.ts';
import type { Model } from './desk/linearModel.ts';
import type { Identity, Policy } from './desk/policy.ts';
import { staffDomainOf } from './desk/publicMail.ts';
import { GAP_CODES, gapsOf } from './desk/reconcile.ts';
import { contractInForce } from './desk/register.ts';
import { createDigest } from './duties/digest.ts';
import type { Duty } from './duties/duty.ts';
import { createExpiry } from './duties/expiry.ts';
import { createLearning, type Learning } from './duties/learning.ts';
import { createReconcile, type ReconcileParts } from './duties/reconcile.ts';
import { AppError } from './errors.ts';
import type { Desk } from './ingest.ts';
import type { Log } from './log.ts';
import { PARSE_LIMITS } from './mail/limits.ts';
import type { ParseResult } from './mail/message.ts';
import { createPatience } from './patience.ts';
import type {
  BackupSummary,
  Lease,
  MailSource,
  MailTransport,
  ProbeLine,
  RestoreSummary,
  Store,
  StoreTransaction,
  Training,
} from './ports.ts';
import type { Reports } from './reports.ts';
import { version } from './version.ts';
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

/** Waits until no other worker has the data folder. @returns null when `signal` aborts before */
export function waitForLease(config: Config, signal: AbortSignal, onWaiting: () => void): Promise<Lease | null> {
  return waitForLock(config.dataFolder, signal, onWaiting);
}

/**
 * Builds everything from the settings. What was opened before a failure is closed again.
 * @param lease when it was waited for; else it is asked for, and must be free
 * @throws AppError
 */
export async function openApp(config: Config, log: Log, now: () => Date = () => new Date(), lease?: Lease): Promise<App> {
  await using opened = new AsyncDisposableStack();
  const keep = <T extends { close(): Promise<void> }>(door: T): T => opened.adopt(door, (each) => each.close());

  const held = keep(lease ?? lockWorker(config.dataFolder)); // before the schema may change under another worker
  const secret = keyInForce(config.dataFolder, config.secret);
  const store = keep(await openSqliteStore({ folder: config.dataFolder, now }));
  rememberKey(config.dataFolder, secret);
  if (store.migrated.length > 0) log.info('schema.migrated', { migrations: [...store.migrated] });
  const parse = keep(parserOf(config, join(config.dataFolder, 'attachments')));
  const tokens = tokensOf(config);
  const transport = keep(transportOf(config, log, tokens));
  const source = keep(sourceOf(config, log, tokens));

  const { model, learning } = await learnerOf(config, store, log, now);
  keep(learning);
  const desk = deskOf(config, { secret, store, parse: (input) => parse.parse(input), now, model });
  const proposed =
    config.file.mailbox.since === null ? new Date(now().getTime() - DEFAULT_SINCE_DAYS * DAY_MS) : new Date(config.file.mailbox.since);
  const careful = await store.beginWork();
  held.assertHeld();
  await store.requeue();
  const worker: Worker = {
    ...{ desk, source, transport, log, lease: held, careful, since: await store.since(proposed) },
    ...{ outgoing: nothingOutgoing(), nextHop: { patience: createPatience(), failure: null } },
  };
  const owned = opened.move();
  return { worker, desk, source, transport, store, learning, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/**
 * Does the worker's work and writes down that it came to an end: in order, or because the world failed. After a fault of ours the next worker is
 * careful, as after a death: the same mail may bring it out again.
 */
export async function working<T>({ worker, store }: App, work: () => Promise<T>): Promise<T> {
  const end = async () => {
    if (worker.lease.held()) await store.endWork().catch(() => {}); // not said: the next worker is careful for nothing
  };
  try {
    const result = await work();
    await end();
    return result;
  } catch (error) {
    if (error instanceof AppError) await end();
    throw error;
  }
}

/** Work at times of its own, beside the mail. */
export function dutiesOf(config: Config, app: App, log: Log): Duty[] {
  const { retentionDays } = config.file.quarantine;
  const { to, schedule, always } = config.file.digest;
  const { store, transport } = app;
  const { lease } = app.worker;
  const { identity, now } = app.desk;
  const digest = () =>
    createDigest({
      ...{ store, transport, lease, identity, log, now, to, schedule, always, retentionDays },
      openReports: () => openReports(config),
    });
  return [
    createReconcile({ source: app.source, ledger: store.reconcile, log, now, ...config.file.reconcile }),
    ...(retentionDays > 0 ? [createExpiry({ store, lease, log, now, retentionDays })] : []),
    ...(to.length > 0 ? [digest()] : []),
  ];
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
  const secret = keyInForce(config.dataFolder, config.secret);
  rememberKey(config.dataFolder, secret);
  const model = await fixedModel(config, store);
  const desk = deskOf(config, { secret, store, parse: (input) => parser.parse(input), now, model });
  const owned = opened.move();
  return { desk, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

export interface ReconcileApp extends ReconcileParts, AsyncDisposable {
  source: MailSource;
}

/** The two sides of a comparison by hand, while the worker runs or not. @throws AppError when there is no database of this version */
export async function openReconcileApp(config: Config, log: Log): Promise<ReconcileApp> {
  openReports(config).close();
  await using opened = new AsyncDisposableStack();
  const now = () => new Date();
  const store = opened.adopt(await openSqliteStore({ folder: config.dataFolder, now, patient: true }), (each) => each.close());
  const source = opened.adopt(sourceOf(config, log), (each) => each.close());
  const owned = opened.move();
  return { source, ledger: store.reconcile, now, [Symbol.asyncDispose]: () => owned.disposeAsync() };
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

/** What a person follows while a backup is made or put back. */
type Watch = Pick<BackupOptions, 'signal' | 'onProgress' | 'onLacking'>;

/** Copies the data folder into a new file, compressed when its name ends in `.gz` or `.tgz`, or into a stream. @throws AppError */
export async function backUp({ dataFolder }: Config, to: string | Writable, watch: Watch): Promise<BackupSummary> {
  const options = { folder: dataFolder, program: version(), now: new Date(), ...watch };
  if (typeof to !== 'string') return writeBackup({ ...options, scratch: dataFolder, gzip: false }, to);
  const gzip = /\.(?:gz|tgz)$/i.test(to); // copia.tar.gz, copia.TGZ; not copia.tar
  return writeNewFile(to, (target) => writeBackup({ ...options, scratch: dirname(to), gzip }, target));
}

/** Makes the data folder from a backup, a file or a stream, compressed or not. @throws AppError when the folder is not empty, or the backup is damaged */
export async function restoreFrom(
  { dataFolder, mailbox, transport }: Config,
  from: string | NodeJS.ReadableStream,
  options: Watch & Pick<RestoreOptions, 'resend'>,
): Promise<RestoreSummary> {
  const source = typeof from === 'string' ? await readingFile(from) : Readable.from(from);
  const mailFolders = [mailbox, transport].flatMap((door) => (door.kind === 'maildir' || door.kind === 'file' ? [door.folder] : []));
  return restoreBackup({ folder: dataFolder, mailFolders, now: new Date(), ...options }, source);
}

/** Goes on with the key that is there, or with a new one. @returns the state before; after `same` nothing was changed @throws AppError */
export async function acceptKey(config: Config): Promise<KeyState> {
  const { dataFolder, secret } = config;
  openReports(config).close();
  const lease = lockWorker(dataFolder);
  try {
    const before = keyState(dataFolder, secret);
    if (before !== 'same') rememberKey(dataFolder, secret ?? secretIn(dataFolder), true);
    return before;
  } finally {
    await lease.close();
  }
}

/** For `doctor`: whether the key is the one that the database began with. Changes nothing. @throws AppError `CONFIG_INVALID` when it is not */
export function checkKey({ dataFolder, secret }: Config): ProbeLine[] {
  const state = requireKey(dataFolder, secret);
  if (secret === null && existingSecret(dataFolder) === null) return [{ ok: true, what: 'clave: todavía no existe, se creará al iniciar' }];
  const where = secret === null ? `archivo ${join(dataFolder, 'secret')}` : 'BUZON_SECRET';
  return [{ ok: true, what: `clave: ${where}${state === 'same' ? ', la de esta base de datos' : ''}` }];
}

/** For `doctor`: the store as it is, read from end to end, or that there is none yet. Changes nothing. @throws AppError when it cannot be used */
export function checkStore(config: Config): ProbeLine[] {
  if (!databaseExists(config.dataFolder)) return [{ ok: true, what: 'base de datos: todavía no existe, se creará al iniciar' }];
  const fault = faultOf(config);
  if (fault !== null) return [{ ok: false, what: `base de datos: está dañada (${fault})`, remedy: damageRemedy(config.dataFolder) }];
  const reports = openReports(config);
  try {
    const { tickets, quarantined, outbox } = reports.summary();
    const what = `base de datos: ${counted(tickets.open + tickets.closed, 'ticket', 'tickets')}, ${counted(quarantined, 'mensaje', 'mensajes')} en cuarentena, ${counted(outbox.queued ?? 0, 'respuesta pendiente', 'respuestas pendientes')}; archivo y referencias íntegros`;
    return [{ ok: true, what }];
  } finally {
    reports.close();
  }
}

/** What is wrong with the file or the references of the database; null when nothing is. */
function faultOf({ dataFolder }: Config): string | null {
  const db = openDatabaseReadOnly(dataFolder);
  try {
    return explaining('could not check the database', dataFolder, () => faultsIn(db)[0]) ?? null;
  } finally {
    db.close();
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

/** For `doctor`: how many clients and contacts are registered. @throws AppError when the database cannot be read */
export function checkRegister(config: Config): ProbeLine[] {
  if (!databaseExists(config.dataFolder)) return [];
  const reports = openReports(config);
  try {
    const clients = reports.clients();
    if (clients.length === 0) return [{ ok: true, what: 'clientes: no hay ninguno registrado ("buzon contacts import" los registra)' }];
    const contacts = clients.reduce((sum, client) => sum + client.contacts.length, 0);
    const lapsed = clients.filter((client) => contractInForce(client, new Date()) === null).length;
    return [
      { ok: true, what: `clientes: ${clients.length}, con ${counted(contacts, 'contacto', 'contactos')}; sin contrato vigente: ${lapsed}` },
    ];
  } finally {
    reports.close();
  }
}

/** For `doctor`: how the last comparison of mailbox and ledger ended. @throws AppError when the database cannot be read */
export function checkReconciled(config: Config): ProbeLine[] {
  if (!databaseExists(config.dataFolder)) return [];
  const reports = openReports(config);
  try {
    const last = reports.reconciled();
    if (last === null) return [{ ok: true, what: 'buzón y libro: todavía no se han comparado' }];
    const when = last.at.toLocaleString('es-CO', { timeZone: 'America/Bogota', dateStyle: 'medium', timeStyle: 'short' });
    const gaps = gapsOf(last);
    if (gaps === 0) return [{ ok: true, what: `buzón y libro: sin diferencias el ${when}` }];
    const counts = GAP_CODES.filter((code) => last.gaps[code] > 0).map((code) => `${code}: ${last.gaps[code]}`);
    const what = `buzón y libro: ${gaps === 1 ? 'una diferencia' : `${gaps} diferencias`} el ${when} (${counts.join(', ')})`;
    return [{ ok: false, what, remedy: '"buzon reconcile" dice cuáles son y qué hacer' }];
  } finally {
    reports.close();
  }
}

function templatesOf(folder: string | null) {
  return folder === null ? loadTemplates() : loadTemplates(folder);
}

function identityOf(config: Config, secret: string): Identity {
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
  const { tickets, answer, gate, clients, limits, classification, hours } = config.file;
  const policy: Policy = {
    reopenDays: tickets.reopenDays,
    thanksKeepClosed: tickets.thanksKeepClosed,
    answerMaxAgeHours: answer.maxAgeHours,
    limits,
    unauthenticated: gate.unauthenticated,
    neverAnswer: gate.neverAnswer,
    staffDomain: staffDomainOf(config.address),
    authservId: gate.authservId,
    withoutContract: clients.withoutContract,
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
    keepHtml: attachmentsFolder === null, // what is read to be stored is not shown from memory
  });
}

/** What both doors sign in with by OAuth2, so that they share a token; null when each has its password or needs none. */
export function tokensOf({ mailbox, transport, oauth, dataFolder }: Config): AccessTokens | null {
  const used = (mailbox.kind === 'imap' && mailbox.password === null) || (transport.kind === 'smtp' && signsInByToken(transport));
  if (oauth === null || !used) return null;
  const { refreshToken, ...client } = oauth;
  return createAccessTokens({ ...client, refreshTokens: refreshToken === null ? null : refreshTokensIn(dataFolder, refreshToken) });
}

function signsInByToken({ user, password }: SmtpTransportSettings): boolean {
  return user !== null && password === null;
}

/** For `doctor`: who signs in at each door, and by what. */
export function signInsOf({ mailbox, transport, oauth }: Config): ProbeLine[] {
  const by = (password: string | null) =>
    password === null ? `OAuth2 (${oauth?.refreshToken === null ? 'client_credentials' : 'refresh_token'})` : 'contraseña';
  const lines: string[] = [];
  if (mailbox.kind === 'imap') lines.push(`ingreso al buzón: ${mailbox.user}, con ${by(mailbox.password)}`);
  if (transport.kind === 'smtp')
    lines.push(`ingreso al envío: ${transport.user === null ? 'sin usuario' : `${transport.user}, con ${by(transport.password)}`}`);
  return lines.map((what) => ({ ok: true, what }));
}

/** For `doctor`: can a token be had. Nothing is kept but a refresh token that takes the place of another. @throws AppError when none can be had */
export async function checkToken(tokens: AccessTokens | null): Promise<ProbeLine[]> {
  if (tokens === null) return [];
  await tokens.accessToken();
  return [
    { ok: true, what: `OAuth2: el servidor de autorización dio un token, válido ${Math.round(tokens.validForMs() / 60_000)} minutos más` },
  ];
}

export function sourceOf(config: Config, log: Log, tokens: AccessTokens | null = tokensOf(config)): MailSource {
  const { mailbox, file } = config;
  if (mailbox.kind === 'maildir') return createMaildirSource({ ...mailbox, maxBytes: file.limits.maxMessageBytes }, log);
  return createImapSource(
    {
      host: mailbox.host,
      port: mailbox.port,
      secure: mailbox.secure,
      ...tlsOf(config),
      user: mailbox.user,
      auth: mailbox.password === null && tokens !== null ? tokens : { password: mailbox.password ?? '' },
      mailbox: mailbox.mailbox,
      doneFolder: mailbox.doneFolder,
      quarantineFolder: mailbox.quarantineFolder,
      maxBytes: file.limits.maxMessageBytes,
    },
    log,
  );
}

export function transportOf(config: Config, log: Log, tokens: AccessTokens | null = tokensOf(config)): MailTransport {
  const { transport, file } = config;
  if (file.answer.quiet) {
    log.warn('transport.quiet', { because: 'answer.quiet' });
    return createQuietTransport();
  }
  if (transport.kind === 'file') return createFileTransport({ folder: transport.folder });
  return createSmtpTransport(
    {
      host: transport.host,
      port: transport.port,
      secure: transport.secure,
      ...tlsOf(config),
      auth: smtpLoginOf(transport, tokens),
      maxConnections: file.transport.connections,
    },
    log,
  );
}

function smtpLoginOf({ user, password }: SmtpTransportSettings, tokens: AccessTokens | null): SmtpOptions['auth'] {
  if (user === null) return null;
  return password === null && tokens !== null ? { user, accessToken: tokens.accessToken } : { user, password: password ?? '' };
}

function tlsOf({ file, ca }: Config): { tlsRejectUnauthorized: boolean; allowInsecure: boolean; ca?: string } {
  return { tlsRejectUnauthorized: file.tls.verify, allowInsecure: file.tls.allowPlaintext, ...(ca === null ? {} : { ca }) };
}
